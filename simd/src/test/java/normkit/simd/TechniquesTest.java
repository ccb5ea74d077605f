package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.LongStream;
import normkit.PlanOptions;
import normkit.dispatch.Decision;
import normkit.techniques.MeanVarianceNorm;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import normkit.weights.WeightStandardization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Techniques that hand their work to a backend have the same bits from this one as from the portable one. (Weight,
 * spectral, Lp and local response norm and the scaling of tables use none.)
 */
class TechniquesTest {

    /** What a technique computes forward and backward, by a backend. */
    private interface Run {
        List<Tensor> with(PlanOptions options);
    }

    private static void assertSameBits(Run run) {
        List<Tensor> expected = run.with(PlanOptions.DEFAULT.backend("scalar"));
        PlanOptions simd = PlanOptions.DEFAULT.backend("simd");
        List<Tensor> actual = run.with(simd);
        List<Tensor> shared = run.with(simd.parallel(ForkJoinPool.commonPool(), 2));
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(bits(expected.get(i)), bits(actual.get(i)), "result " + i);
            assertArrayEquals(bits(expected.get(i)), bits(shared.get(i)), "result " + i + " of two threads");
        }
    }

    private static long[] bits(Tensor tensor) {
        return LongStream.range(0, tensor.spec().elements()).map(i -> Double.doubleToRawLongBits(tensor.get(i)))
                .toArray();
    }

    private static void assertChosen(PlanOptions options, List<Decision> decisions) {
        decisions.forEach(decision -> assertEquals(options.backend(), decision.chosen().name()));
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(-1, 3));
        }
        return tensor;
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void weightStandardization(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, 33, 70, 9);
        for (WeightStandardization.Convention convention : WeightStandardization.Convention.values()) {
            for (int dim = 0; dim < 3; dim++) {
                WeightStandardization description = WeightStandardization.of(convention).dim(dim).withGain();
                assertSameBits(options -> {
                    try (WeightStandardization.Plan plan = description.plan(spec, options)) {
                        assertChosen(options, plan.decisions());
                        Tensor v = random(spec, 1);
                        Tensor gain = random(plan.parameterSpec(), 2);
                        Tensor w = Tensor.allocate(spec);
                        Tensor dv = Tensor.allocate(spec);
                        Tensor dgain = Tensor.allocate(plan.parameterSpec());
                        Statistics saved = plan.allocateStatistics();
                        plan.forward(v, gain, w, saved);
                        plan.backward(random(spec, 3), v, gain, saved, dv, dgain);
                        return List.of(w, saved.mean(), saved.variance(), dv, dgain);
                    }
                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void meanVarianceNorm(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.CHANNELS_LAST, 3, 17, 19, 6);
        List<MeanVarianceNorm> norms = List.of(MeanVarianceNorm.acrossChannels(), MeanVarianceNorm.withinChannel(),
                MeanVarianceNorm.perChannel(), MeanVarianceNorm.over(1, 3), MeanVarianceNorm.over(0),
                MeanVarianceNorm.over(0, 1, 2, 3));
        for (MeanVarianceNorm norm : norms) {
            assertSameBits(options -> {
                try (MeanVarianceNorm.Plan plan = norm.plan(spec, options)) {
                    assertChosen(options, plan.decisions());
                    Tensor x = random(spec, 1);
                    Tensor y = Tensor.allocate(spec);
                    Tensor dx = Tensor.allocate(spec);
                    Statistics saved = Statistics.allocate(plan.statisticsSpec());
                    plan.forward(x, y, saved);
                    plan.backward(random(spec, 3), x, saved, dx);
                    return List.of(y, saved.mean(), saved.rstd(), dx);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void scaleNorm(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, 37, 1100);
        assertSameBits(options -> {
            try (ScaleNorm.Plan plan = ScaleNorm.over(1100).plan(spec, options)) {
                assertChosen(options, plan.decisions());
                Tensor x = random(spec, 1);
                Tensor g = random(plan.parameterSpec(), 2);
                Tensor y = Tensor.allocate(spec);
                Tensor dx = Tensor.allocate(spec);
                Tensor dg = Tensor.allocate(plan.parameterSpec());
                Statistics saved = new Statistics(null, null, Tensor.allocate(plan.statisticsSpec()));
                plan.forward(x, g, y, saved);
                plan.backward(random(spec, 3), x, g, saved, dx, dg);
                return List.of(y, saved.rstd(), dx, dg);
            }
        });
    }
}
