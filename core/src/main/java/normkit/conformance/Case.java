package normkit.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * One check: a problem, where its tensors lie and what they hold. {@link #name()} is all it takes to do it again.
 *
 * @param operation what is normalized together
 * @param pass direction and source of the statistics
 * @param type element type
 * @param layout meaning of the axes
 * @param shape lengths of the axes
 * @param over number of normalized axes (layer and RMS norm), otherwise 0
 * @param groups number of groups (group norm), otherwise 0
 * @param scale whether there is a γ
 * @param shift whether there is a β
 * @param epsilon ε
 * @param values family of the values of x
 * @param in where the inputs lie
 * @param out where the outputs lie
 * @param place whether the output takes the place of an input
 * @param saved which statistics are saved or given
 * @param seed seed of the data
 * @param fusion what else is done to the elements
 */
public record Case(Operation operation, Pass pass, DataType type, Layout layout, List<Long> shape, int over,
        long groups, boolean scale, boolean shift, double epsilon, Values values, Memory in, Memory out, Place place,
        Saved saved, long seed, Fusion fusion) {

    private static final int PARTS = 16;

    /** Copies the shape. */
    public Case {
        shape = List.copyOf(shape);
    }

    /**
     * Returns the name, from which {@link #parse} makes an equal case.
     *
     * @return for example {@code layer_norm:forward:f32:rows:5x129:1:0:true:true:1.0E-5:normal:heap:native:apart:f64:7},
     *         followed by {@code :norm,gelu} if there is a fusion
     */
    public String name() {
        String axes = shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
        return String.join(":", operation.label(), lower(pass), lower(type), lower(layout), axes, "" + over,
                "" + groups, "" + scale, "" + shift, "" + epsilon, values.label(), in.label(), out.label(),
                place.label(), saved.label(), "" + seed) + (fusion.any() ? ":" + fusion : "");
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes the case of a name.
     *
     * @param name what {@link #name()} returned
     * @return the case
     * @throws IllegalArgumentException if the name is none
     */
    public static Case parse(String name) {
        String[] p = name.split(":");
        if (p.length != PARTS && p.length != PARTS + 1) {
            throw new IllegalArgumentException("the case name " + name + " has " + p.length + " parts; it must have "
                    + PARTS + ", or one more for a fusion");
        }
        try {
            List<Long> axes = Arrays.stream(p[4].split("x")).map(Long::valueOf).toList();
            return new Case(Operation.valueOf(upper(p[0])), Pass.valueOf(upper(p[1])), DataType.valueOf(upper(p[2])),
                    Layout.valueOf(upper(p[3])), axes, Integer.parseInt(p[5]), Long.parseLong(p[6]),
                    Boolean.parseBoolean(p[7]), Boolean.parseBoolean(p[8]), Double.parseDouble(p[9]), Values.of(p[10]),
                    Memory.of(p[11]), Memory.of(p[12]), Place.of(p[13]), Saved.of(p[14]), Long.parseLong(p[15]),
                    p.length == PARTS ? Fusion.NONE : Fusion.of(p[PARTS]));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the case name " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String upper(String value) {
        return value.toUpperCase(Locale.ROOT);
    }

    /**
     * Returns the problem a backend is asked to solve.
     *
     * @return the problem
     */
    public Problem problem() {
        long[] axes = shape.stream().mapToLong(Long::longValue).toArray();
        return new Problem(operation, pass, TensorSpec.of(type, layout, axes), over, groups, scale, shift, epsilon,
                fusion);
    }
}
