package normkit.techniques;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Tensors for a test of a technique over channels.
 *
 * @param x spec of the input
 * @param arena where tensors are allocated; null for the heap
 * @param inPlace whether outputs are over inputs
 * @param options how to plan
 */
record Given(TensorSpec x, Arena arena, boolean inPlace, PlanOptions options) {

    Given(TensorSpec x) {
        this(x, null, false, PlanOptions.DEFAULT);
    }

    static final List<long[]> FIRST_SHAPES = List.of(new long[] {3, 5, 7, 4}, new long[] {40, 3, 5}, new long[] {6, 5},
            new long[] {2, 2, 3, 4, 5}, new long[] {2, 3, 2500});

    /** Specs of 1-D, 2-D, 3-D and (N, C) batches in a layout and type. */
    static List<TensorSpec> specs(DataType type) {
        List<TensorSpec> specs = new ArrayList<>();
        for (long[] shape : FIRST_SHAPES) {
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, shape));
            long[] last = shape.clone();
            System.arraycopy(shape, 2, last, 1, shape.length - 2);
            last[last.length - 1] = shape[1];
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, last));
        }
        return specs;
    }

    static List<TensorSpec> specs() {
        List<TensorSpec> specs = new ArrayList<>(specs(DataType.F32));
        specs.addAll(specs(DataType.F64));
        return specs;
    }

    /** Which channel an element belongs to, from its index alone. */
    static int channel(TensorSpec x, long i) {
        return (int) (x.layout() == Layout.CHANNELS_LAST ? i % x.channels() : i / x.spatial() % x.channels());
    }

    TensorSpec perChannel() {
        return TensorSpec.of(x.type(), Layout.ROWS, x.channels());
    }

    Tensor allocate(TensorSpec spec) {
        return arena == null ? Tensor.allocate(spec) : Tensor.allocate(spec, arena);
    }

    Tensor random(TensorSpec spec, long seed, double from, double to) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(from, to));
        }
        return tensor;
    }

    /** Data whose channels differ in mean and spread. */
    Tensor data() {
        Tensor tensor = random(x, 1, -1, 1);
        for (long i = 0; i < x.elements(); i++) {
            int c = channel(x, i);
            tensor.set(i, tensor.get(i) * (1 + 0.5 * c) + c - 1);
        }
        return tensor;
    }

    Tensor gradient() {
        return random(x, 2, -1, 2);
    }

    Tensor scale() {
        return random(perChannel(), 3, 0.5, 2);
    }

    Tensor shift() {
        return random(perChannel(), 4, -1, 1);
    }

    RunningStatistics running() {
        return new RunningStatistics(random(perChannel(), 5, -0.5, 0.5), random(perChannel(), 6, 0.3, 1.5), 0);
    }

    /** Where the output of an input goes: over a copy of it, which then takes its place, or elsewhere. */
    Tensor[] withOutput(Tensor input) {
        if (!inPlace) {
            return new Tensor[] {input, allocate(input.spec())};
        }
        Tensor copy = allocate(input.spec());
        for (long i = 0; i < input.spec().elements(); i++) {
            copy.set(i, input.get(i));
        }
        return new Tensor[] {copy, copy};
    }

    static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.spec().elements()];
        Arrays.setAll(values, tensor::get);
        return values;
    }

    static double dot(Tensor a, Tensor b) {
        double sum = 0;
        for (long i = 0; i < a.spec().elements(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    /**
     * The largest difference between a gradient and central differences of a loss, relative to the largest gradient.
     *
     * @param loss what is differentiated, reading the variable
     */
    static double gradientError(Tensor variable, Tensor gradient, ToDoubleFunction<Tensor> loss) {
        double step = 1e-4;
        double worst = 0;
        double largest = 0;
        for (long i = 0; i < variable.spec().elements(); i++) {
            double kept = variable.get(i);
            double slope = 0;
            // Fourth order: 2/3·(f(h) − f(−h)) − 1/12·(f(2h) − f(−2h)), over h.
            for (int k : new int[] {-2, -1, 1, 2}) {
                variable.set(i, kept + k * step);
                slope += loss.applyAsDouble(variable) * Math.signum(k) * (Math.abs(k) == 1 ? 2.0 / 3 : -1.0 / 12);
            }
            variable.set(i, kept);
            worst = Math.max(worst, Math.abs(slope / step - gradient.get(i)));
            largest = Math.max(largest, Math.abs(gradient.get(i)));
        }
        return worst / Math.max(largest, 1e-3);
    }
}
