package normkit.conformance.catalogue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import normkit.PlanOptions;
import normkit.conformance.Memory;
import normkit.conformance.parts.Guarded;
import normkit.conformance.parts.Judge;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** The tensors of one case by name. The gradient of an input has the input's name with a "d" before it. */
final class Desk {

    private final TechniqueCase c;
    private final PlanOptions options;
    private final Arena arena;
    private final Random random;
    private final Map<String, double[]> values = new LinkedHashMap<>();
    private final Map<String, Guarded> inputs = new LinkedHashMap<>();
    private final Map<String, Guarded> outputs = new LinkedHashMap<>();
    /** Outputs that hold the values of an input at first. */
    private final Map<String, String> filled = new LinkedHashMap<>();

    Desk(TechniqueCase c, PlanOptions options, Arena arena) {
        this.c = c;
        this.options = options;
        this.arena = arena;
        this.random = new Random(c.seed());
    }

    TechniqueCase which() {
        return c;
    }

    PlanOptions options() {
        return options;
    }

    TensorSpec x() {
        return c.spec();
    }

    /** As many numbers of x's type. */
    TensorSpec vector(long length) {
        return TensorSpec.of(c.type(), Layout.ROWS, length);
    }

    private Guarded guarded(TensorSpec spec, Memory memory) {
        return new Guarded(spec, memory.heap(), memory.shift(), arena);
    }

    private Tensor input(String name, TensorSpec spec, double[] content) {
        Guarded tensor = guarded(spec, c.in());
        values.put(name, content);
        inputs.put(name, tensor);
        return tensor.tensor();
    }

    /** An input of the case's family of values. */
    Tensor data(String name, TensorSpec spec) {
        double[] content = new double[(int) spec.elements()];
        c.values().fill(content, spec.type(), random);
        return input(name, spec, content);
    }

    /** An input of standard normal numbers. */
    Tensor normal(String name, TensorSpec spec) {
        double[] content = new double[(int) spec.elements()];
        Arrays.setAll(content, i -> spec.type().round(random.nextGaussian()));
        return input(name, spec, content);
    }

    private double[] uniform(TensorSpec spec, double from, double to) {
        double[] content = new double[(int) spec.elements()];
        Arrays.setAll(content, i -> spec.type().round(random.nextDouble(from, to)));
        return content;
    }

    /** An input of numbers in a range. */
    Tensor uniform(String name, TensorSpec spec, double from, double to) {
        return input(name, spec, uniform(spec, from, to));
    }

    /** A number in 0 … bound − 1, for what is no tensor. */
    int pick(int bound) {
        return random.nextInt(bound);
    }

    Tensor output(String name, TensorSpec spec) {
        Guarded tensor = guarded(spec, c.out());
        outputs.put(name, tensor);
        return tensor.tensor();
    }

    /** What is read and then overwritten: an input to formulas, by the same name an output. */
    Tensor updated(String name, TensorSpec spec, double from, double to) {
        values.put(name, uniform(spec, from, to));
        filled.put(name, name);
        return output(name, spec);
    }

    /** An input and an output that may take its place. */
    record Pair(Tensor in, Tensor out) {}

    /** An output of an input's spec; where the case works in place, both are one tensor, apart from the input itself. */
    Pair onto(String input, String name) {
        Tensor in = input(input);
        Tensor out = output(name, in.spec());
        if (!c.inPlace()) {
            return new Pair(in, out);
        }
        filled.put(name, input);
        return new Pair(out, out);
    }

    /** The numbers of inputs. */
    Map<String, double[]> values() {
        return values;
    }

    Tensor input(String name) {
        return inputs.get(name).tensor();
    }

    Tensor output(String name) {
        return outputs.get(name).tensor();
    }

    Iterable<String> outputNames() {
        return outputs.keySet();
    }

    /** Fills the memory, before every run. */
    void fill() {
        outputs.values().forEach(output -> output.fill(Double.NaN));
        filled.forEach((output, input) -> outputs.get(output).fill(values.get(input)));
        inputs.forEach((name, tensor) -> {
            tensor.fill(values.get(name));
            tensor.remember();
        });
    }

    /** Checks that nothing was changed but the outputs. */
    void check(Judge judge) {
        inputs.forEach((name, tensor) -> {
            checkGuard(name, tensor, judge);
            if (tensor.changed()) {
                judge.fail(name, "the input was changed; it must stay as it is");
            }
        });
        outputs.forEach((name, tensor) -> checkGuard(name, tensor, judge));
    }

    private static void checkGuard(String name, Guarded tensor, Judge judge) {
        String overwritten = tensor.overwritten();
        if (overwritten != null) {
            judge.fail(name, "the guard zone was written to: " + overwritten);
        }
    }

    /** What came out. */
    Map<String, double[]> results() {
        Map<String, double[]> results = new LinkedHashMap<>();
        outputs.forEach((name, output) -> {
            double[] numbers = new double[(int) output.tensor().spec().elements()];
            Arrays.setAll(numbers, output.tensor()::get);
            results.put(name, numbers);
        });
        return results;
    }

    DataType type() {
        return c.type();
    }
}
