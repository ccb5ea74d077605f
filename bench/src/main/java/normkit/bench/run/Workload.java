package normkit.bench.run;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * A problem as five texts, which benchmarks have as parameters and result files as columns. What they leave open is as in
 * real models: f32, the last axis normalized in layer and RMS norm, γ everywhere and β everywhere but in RMS norm.
 *
 * @param operation usual name of the operation
 * @param pass {@code forward}, {@code inference}, {@code backward} or {@code frozen_backward}
 * @param layout {@code rows}, {@code ncx} or {@code nxc}
 * @param shape axis lengths in memory order, such as {@code 32x64x56x56}
 * @param groups number of groups of channels; 0 where there are none
 */
public record Workload(String operation, String pass, String layout, String shape, String groups) {

    private static final double EPSILON = 1e-5;
    private static final int FORWARD_TENSORS = 2;
    private static final int BACKWARD_TENSORS = 3;

    /**
     * Returns the workload of a problem.
     *
     * @param problem a problem
     * @return what {@link #problem} makes an equal problem of, if the problem is of the kind that real models have
     */
    public static Workload of(Problem problem) {
        return new Workload(problem.operation().label(), lower(problem.pass()), LayoutName.of(problem.x().layout()),
                new Shape(problem.x().shape()).toString(), Long.toString(problem.groups()));
    }

    /**
     * Returns the workload of a benchmark's parameters.
     *
     * @param params values by name
     * @return the workload
     */
    public static Workload of(Map<String, String> params) {
        return new Workload(params.get("operation"), params.get("pass"), params.get("layout"), params.get("shape"),
                params.get("groups"));
    }

    /**
     * Returns a problem as real models have it.
     *
     * @param operation what is normalized together
     * @param pass direction
     * @param x spec of the input
     * @param groups number of groups of channels; 0 where there are none
     * @return the problem
     * @throws IllegalArgumentException if the parts do not fit each other
     */
    public static Problem problem(Operation operation, Pass pass, TensorSpec x, long groups) {
        return new Problem(operation, pass, x, rowwise(operation) ? 1 : 0, groups, true,
                operation != Operation.RMS_NORM, EPSILON);
    }

    /**
     * Tells whether an operation goes over trailing axes.
     *
     * @param operation an operation
     * @return whether it is layer or RMS norm
     */
    public static boolean rowwise(Operation operation) {
        return operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
    }

    /**
     * Returns the layout an operation has where none is named.
     *
     * @param operation an operation
     * @return rows or channels-first
     */
    public static Layout layout(Operation operation) {
        return rowwise(operation) ? Layout.ROWS : Layout.CHANNELS_FIRST;
    }

    /**
     * Returns the problem.
     *
     * @return the problem
     * @throws IllegalArgumentException if a text is none that names something, or they do not fit each other
     */
    public Problem problem() {
        TensorSpec x = TensorSpec.of(DataType.F32, named(LayoutName.class, "layout", layout).layout(),
                Shape.parse(shape).axes());
        return problem(named(Operation.class, "operation", operation), named(Pass.class, "pass", pass), x,
                Long.parseLong(groups));
    }

    private static <E extends Enum<E>> E named(Class<E> type, String what, String name) {
        return Arrays.stream(type.getEnumConstants()).filter(value -> lower(value).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(what + " is " + name + "; it must be one of " + Arrays
                        .stream(type.getEnumConstants()).map(Workload::lower).collect(Collectors.joining(", "))));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the texts by name.
     *
     * @return a benchmark's parameters, without the backend
     */
    public Map<String, String> params() {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("operation", operation);
        params.put("pass", pass);
        params.put("layout", layout);
        params.put("shape", shape);
        params.put("groups", groups);
        return params;
    }

    /**
     * Returns the size of x.
     *
     * @return bytes
     */
    public long bytes() {
        return Arrays.stream(Shape.parse(shape).axes()).reduce(DataType.F32.bytes(), Math::multiplyExact);
    }

    /**
     * Returns the least that must go to and from memory: x and y, or x, dy and dx.
     *
     * @return bytes
     */
    public long traffic() {
        return bytes() * (named(Pass.class, "pass", pass).backward() ? BACKWARD_TENSORS : FORWARD_TENSORS);
    }

    /** Returns for example {@code group_norm forward ncx 2x320x96x96 32 groups}. */
    @Override
    public String toString() {
        return String.join(" ", operation, pass, layout, shape) + (groups.equals("0") ? "" : " " + groups + " groups");
    }
}
