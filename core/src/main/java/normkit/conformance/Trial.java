package normkit.conformance;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One case laid out in memory, for one execution. */
final class Trial {

    private final Case c;
    private final Inputs in;
    private final Map<String, Guarded> inputs = new LinkedHashMap<>();
    private final Map<String, Guarded> outputs = new LinkedHashMap<>();

    Trial(Case c, Inputs in, Arena arena) {
        this.c = c;
        this.in = in;
        Problem problem = c.problem();
        TensorSpec parameters = problem.parameterSpec();
        TensorSpec statistics = problem.statisticsSpec().as(c.saved() == Saved.SAME_TYPE ? c.type() : DataType.F64);
        input("x", problem.x(), in.x, arena);
        input("dy", problem.x(), in.dy, arena);
        input("scale", parameters, in.scale, arena);
        // A gradient depends on β only through an activation.
        input("shift", parameters, c.pass().backward() && !problem.gradientNeedsShift() ? null : in.shift, arena);
        input("residual", problem.x(), c.pass().backward() ? null : in.residual, arena);
        input("dsum", problem.x(), in.dsum, arena);
        input("mean", statistics, in.mean, arena);
        input("variance", statistics, in.variance, arena);
        input("rstd", statistics, in.rstd, arena);
        output(c.pass().backward() ? "dx" : "y", problem.x(), arena, true);
        output("sum", problem.x(), arena, c.fusion().residual() && !c.pass().backward());
        output("dscale", parameters, arena, c.pass().backward() && c.scale());
        output("dshift", parameters, arena, c.pass().backward() && c.shift());
        boolean saves = c.pass() == Pass.FORWARD && c.saved() != Saved.NONE;
        output("mean", statistics, arena, saves && c.operation().centred());
        output("variance", statistics, arena, saves && c.saved() == Saved.VARIANCE);
        output("rstd", statistics, arena, saves && c.saved() != Saved.VARIANCE);
    }

    private void input(String name, TensorSpec spec, double[] values, Arena arena) {
        if (values != null) {
            inputs.put(name, new Guarded(spec, c.in(), arena));
        }
    }

    private void output(String name, TensorSpec spec, Arena arena, boolean wanted) {
        if (!wanted) {
            return;
        }
        String input = switch (c.place()) {
            case APART -> null;
            case ON_X -> "x";
            case ON_GRADIENT -> "dy";
        };
        boolean inPlace = input != null && (name.equals("y") || name.equals("dx"));
        if (name.equals("sum") && input != null) {
            outputs.put(name, inputs.get("residual"));
            return;
        }
        outputs.put(name, inPlace ? inputs.get(input) : new Guarded(spec, c.out(), arena));
    }

    /** Fills the memory, runs, and checks that nothing was changed but the outputs. */
    void run(Execution execution, Judge judge) {
        outputs.values().forEach(output -> output.fill(Double.NaN));
        fill("x", c.pass().backward() && c.fusion().residual() ? in.normalized : in.x);
        fill("residual", in.residual);
        fill("dsum", in.dsum);
        fill("dy", in.dy);
        fill("scale", in.scale);
        fill("shift", in.shift);
        fill("mean", in.mean);
        fill("variance", in.variance);
        fill("rstd", in.rstd);
        inputs.values().forEach(Guarded::remember);
        execute(execution);
        inputs.forEach((name, input) -> check(name, input, judge));
        outputs.forEach((name, output) -> checkGuard(name, output, judge));
    }

    private void fill(String name, double[] values) {
        if (inputs.containsKey(name)) {
            inputs.get(name).fill(values);
        }
    }

    private void execute(Execution execution) {
        boolean given = c.pass() != Pass.FORWARD;
        Map<String, Guarded> from = given ? inputs : outputs;
        Statistics statistics = new Statistics(tensor(from, "mean"), tensor(from, "variance"), tensor(from, "rstd"));
        if (c.pass().backward()) {
            execution.backward(tensor(inputs, "dy"), tensor(inputs, "dsum"), tensor(inputs, "x"),
                    tensor(inputs, "scale"), tensor(inputs, "shift"), statistics, output("dx"), output("dscale"),
                    output("dshift"));
        } else {
            execution.forward(tensor(inputs, "x"), tensor(inputs, "residual"), output("sum"), tensor(inputs, "scale"),
                    tensor(inputs, "shift"), statistics, output("y"));
        }
    }

    private static Tensor tensor(Map<String, Guarded> from, String name) {
        return from.containsKey(name) ? from.get(name).tensor() : null;
    }

    /** An output, null if the case has none of that name. */
    Tensor output(String name) {
        return tensor(outputs, name);
    }

    Iterable<String> outputNames() {
        return outputs.keySet();
    }

    private void check(String name, Guarded input, Judge judge) {
        checkGuard(name, input, judge);
        if (!outputs.containsValue(input) && input.changed()) {
            judge.fail(name, "the input was changed; it must stay as it is");
        }
    }

    private void checkGuard(String name, Guarded tensor, Judge judge) {
        String overwritten = tensor.overwritten();
        if (overwritten != null) {
            judge.fail(name, "the guard zone was written to: " + overwritten);
        }
    }

    /** The first element that differs in its bits from another trial's output, or −1; any NaN equals any. */
    long firstDifference(String name, Trial other) {
        Tensor a = output(name);
        Tensor b = other.output(name);
        for (long i = 0; i < a.spec().elements(); i++) {
            if (Double.doubleToLongBits(a.get(i)) != Double.doubleToLongBits(b.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
