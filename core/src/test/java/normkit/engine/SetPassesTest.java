package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import normkit.scalar.ScalarBackend;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each pass against its formula, element by element in double. */
class SetPassesTest {

    private static final double NEAR = 1e-12;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Operation kind : List.of(Operation.BATCH_NORM, Operation.INSTANCE_NORM)) {
            for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
                for (long[] shape : List.of(new long[] {3, 5, 7, 4}, new long[] {70, 3, 5, 6},
                        new long[] {2, 2, 90, 91})) {
                    cases.add(Arguments.of(kind, TensorSpec.of(DataType.F64, layout, shape)));
                }
                cases.add(Arguments.of(kind, TensorSpec.of(DataType.F64, layout, 6, 5)));
            }
        }
        cases.add(Arguments.of(Operation.LAYER_NORM, TensorSpec.rows(9, 33).as(DataType.F64)));
        return cases;
    }

    /** Which set an element belongs to, from its index alone. */
    private static int set(Operation kind, TensorSpec x, long i) {
        if (kind == Operation.LAYER_NORM) {
            return (int) (i / x.shape()[1]);
        }
        long channel = x.layout() == Layout.CHANNELS_LAST ? i % x.channels() : i / x.spatial() % x.channels();
        long sample = i / (x.channels() * x.spatial());
        return (int) (kind == Operation.BATCH_NORM ? channel : sample * x.channels() + channel);
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(-1, 3));
        }
        return tensor;
    }

    private static PerSet random(SetPasses passes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PerSet values = passes.perSet();
        for (int i = 0; i < values.values.length; i++) {
            values.values[i] = random.nextDouble(0.5, 2);
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyPassIsItsFormula(Operation kind, TensorSpec spec) {
        check(kind, spec, Parallelism.NONE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void onSeveralThreadsToo(Operation kind, TensorSpec spec) {
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            check(kind, spec, new Parallelism(pool, 3));
        }
    }

    private static void check(Operation kind, TensorSpec spec, Parallelism parallelism) {
        int rank = kind == Operation.LAYER_NORM ? 1 : 0;
        SetPasses passes = new SetPasses(kind, spec, rank, 0, new ScalarBackend(), parallelism);
        int sets = passes.sets();
        assertEquals(spec.elements(), sets * passes.count());
        Tensor x = random(spec, 1);
        Tensor dy = random(spec, 2);
        moments(kind, passes, x);
        PerSet mean = random(passes, 3);
        PerSet rstd = random(passes, 4);
        PerSet gain = random(passes, 5);
        PerSet offset = random(passes, 6);
        PerSet constant = random(passes, 7);
        Tensor y = Tensor.allocate(spec);
        passes.apply(x, mean, gain, offset, y);
        Tensor dx = Tensor.allocate(spec);
        passes.gradient(dy, x, mean, rstd, gain, offset, constant, dx);
        PerSet sums = passes.perSet();
        PerSet dots = passes.perSet();
        passes.gradientSums(dy, x, mean, rstd, sums, dots);
        double[] expectedSums = new double[sets];
        double[] expectedDots = new double[sets];
        for (long i = 0; i < spec.elements(); i++) {
            int s = set(kind, spec, i);
            double d = x.get(i) - mean.values[s];
            assertEquals(d * gain.values[s] + offset.values[s], y.get(i), NEAR);
            assertEquals(dy.get(i) * gain.values[s] + d * rstd.values[s] * offset.values[s] + constant.values[s],
                    dx.get(i), NEAR);
            expectedSums[s] += dy.get(i);
            expectedDots[s] += dy.get(i) * d * rstd.values[s];
        }
        for (int s = 0; s < sets; s++) {
            assertEquals(expectedSums[s], sums.values[s], NEAR * passes.count());
            assertEquals(expectedDots[s], dots.values[s], NEAR * passes.count());
        }
    }

    private static void moments(Operation kind, SetPasses passes, Tensor x) {
        int sets = passes.sets();
        PerSet mean = passes.perSet();
        PerSet variance = passes.perSet();
        passes.moments(x, mean, variance);
        double[] expectedMean = new double[sets];
        double[] expectedVariance = new double[sets];
        for (long i = 0; i < x.spec().elements(); i++) {
            expectedMean[set(kind, x.spec(), i)] += x.get(i) / passes.count();
        }
        for (long i = 0; i < x.spec().elements(); i++) {
            int s = set(kind, x.spec(), i);
            expectedVariance[s] += Math.pow(x.get(i) - expectedMean[s], 2) / passes.count();
        }
        for (int s = 0; s < sets; s++) {
            assertEquals(expectedMean[s], mean.values[s], NEAR);
            assertEquals(expectedVariance[s], variance.values[s], NEAR);
        }
    }
}
