package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.SetwisePlan;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The identities of the literature: what mixes with weights 1 and 0 is the member. The member's own plan gets at its moments
 * by another order of summation, so results may differ in the last places.
 */
class MixingIdentityTest {

    /** Units in the last place of the largest of |γ·x̂|, |β| and |y|, all below 8. */
    private static final int ULPS = 2;
    private static final double EPSILON = 1e-5;

    static List<TensorSpec> specs() {
        return List.of(TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 3, 4, 5, 6),
                TensorSpec.of(DataType.F32, Layout.CHANNELS_FIRST, 3, 4, 5, 6),
                TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, 3, 5, 6, 4),
                TensorSpec.of(DataType.F32, Layout.CHANNELS_LAST, 3, 5, 6, 4),
                TensorSpec.of(DataType.F32, Layout.CHANNELS_FIRST, 2, 3, 40, 50));
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(-1, 2));
        }
        return tensor;
    }

    private static Tensor filled(TensorSpec spec, double value) {
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, value);
        }
        return tensor;
    }

    private static Tensor perChannel(TensorSpec x, long seed) {
        return random(TensorSpec.of(x.type(), Layout.ROWS, x.channels()), seed);
    }

    /** Results of a member or of a mix. */
    private record Results(Tensor y, Tensor dx, Tensor dscale, Tensor dshift) {

        static Results allocate(TensorSpec x) {
            return new Results(Tensor.allocate(x), Tensor.allocate(x), perChannel(x, 0), perChannel(x, 0));
        }

        void assertNear(Results actual, double ulps) {
            MixingIdentityTest.assertNear("y", y, actual.y, ulps);
            MixingIdentityTest.assertNear("dx", dx, actual.dx, ulps);
            // Sums over many elements, in an order of their own.
            double sums = ulps * Math.sqrt(y.spec().elements());
            MixingIdentityTest.assertNear("dscale", dscale, actual.dscale, sums);
            MixingIdentityTest.assertNear("dshift", dshift, actual.dshift, sums);
        }
    }

    private static void assertNear(String name, Tensor expected, Tensor actual, double ulps) {
        double ulp = expected.spec().type() == DataType.F32 ? Math.ulp(4f) : Math.ulp(4.0);
        for (long i = 0; i < expected.spec().elements(); i++) {
            assertEquals(expected.get(i), actual.get(i), ulps * ulp, name + " " + i);
        }
    }

    private static Results batch(TensorSpec spec, double epsilon) {
        Results results = Results.allocate(spec);
        Statistics saved = Statistics.allocate(TensorSpec.rows(spec.channels()));
        try (BatchNorm.Plan plan = BatchNorm.create().epsilon(epsilon).plan(spec)) {
            plan.train(random(spec, 1), perChannel(spec, 2), perChannel(spec, 3), results.y, saved, null);
            plan.backward(random(spec, 4), random(spec, 1), perChannel(spec, 2), saved, results.dx, results.dscale,
                    results.dshift);
        }
        return results;
    }

    private static Results setwise(TensorSpec spec, SetwisePlan plan) {
        Results results = Results.allocate(spec);
        Statistics saved = Statistics.allocate(plan.statisticsSpec());
        try (plan) {
            plan.forward(random(spec, 1), perChannel(spec, 2), perChannel(spec, 3), results.y, saved);
            plan.backward(random(spec, 4), random(spec, 1), perChannel(spec, 2), saved, results.dx, results.dscale,
                    results.dshift);
        }
        return results;
    }

    private static Results instance(TensorSpec spec) {
        return setwise(spec, InstanceNorm.create().plan(spec));
    }

    /** Layer norm over channels and space, with γ and β per channel. */
    private static Results layer(TensorSpec spec, double epsilon) {
        return setwise(spec, GroupNorm.of(1).epsilon(epsilon).plan(spec));
    }

    private static Results batchInstance(TensorSpec spec, double gate) {
        Results results = Results.allocate(spec);
        BatchInstanceNorm.Parameters parameters = new BatchInstanceNorm.Parameters(perChannel(spec, 2),
                perChannel(spec, 3), filled(perChannel(spec, 0).spec(), gate));
        try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(spec)) {
            Statistics saved = plan.newStatistics();
            plan.train(random(spec, 1), parameters, results.y, saved, null);
            plan.backward(random(spec, 4), random(spec, 1), parameters, saved, results.dx,
                    new BatchInstanceNorm.Parameters(results.dscale, results.dshift, null));
        }
        return results;
    }

    private static Results batchLayer(TensorSpec spec, BatchLayerNorm norm) {
        Results results = Results.allocate(spec);
        BatchLayerNorm.Parameters parameters = new BatchLayerNorm.Parameters(perChannel(spec, 2), perChannel(spec, 3));
        try (BatchLayerNorm.Plan plan = norm.plan(spec)) {
            Statistics saved = plan.newStatistics();
            plan.train(random(spec, 1), parameters, results.y, saved, null);
            plan.backward(random(spec, 4), random(spec, 1), parameters, saved, results.dx,
                    new BatchLayerNorm.Parameters(results.dscale, results.dshift));
        }
        return results;
    }

    /** Switchable norm whose logits leave one kind: 0 instance, 1 layer, 2 batch. */
    private static Results switchable(TensorSpec spec, int kind) {
        Results results = Results.allocate(spec);
        Tensor logits = Tensor.allocate(TensorSpec.of(spec.type(), Layout.ROWS, 3));
        logits.set(kind, 1000);
        SwitchableNorm.Parameters parameters =
                new SwitchableNorm.Parameters(perChannel(spec, 2), perChannel(spec, 3), logits, logits);
        try (SwitchableNorm.Plan plan = SwitchableNorm.create().plan(spec)) {
            Statistics saved = plan.newStatistics();
            plan.train(random(spec, 1), parameters, results.y, saved, null);
            Tensor toMean = filled(logits.spec(), 7);
            Tensor toVariance = filled(logits.spec(), 7);
            plan.backward(random(spec, 4), random(spec, 1), parameters, saved, results.dx,
                    new SwitchableNorm.Parameters(results.dscale, results.dshift, toMean, toVariance));
            // A saturated softmax lets nothing through.
            for (int k = 0; k < 3; k++) {
                assertEquals(0, toMean.get(k), 0.0);
                assertEquals(0, toVariance.get(k), 0.0);
            }
        }
        return results;
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchInstanceNormWithAGateOfOneIsBatchNorm(TensorSpec spec) {
        batch(spec, EPSILON).assertNear(batchInstance(spec, 1), ULPS);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchInstanceNormWithAGateOfZeroIsInstanceNorm(TensorSpec spec) {
        instance(spec).assertNear(batchInstance(spec, 0), ULPS);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void switchableNormWithOneKindIsThatKind(TensorSpec spec) {
        instance(spec).assertNear(switchable(spec, 0), ULPS);
        layer(spec, EPSILON).assertNear(switchable(spec, 1), ULPS);
        batch(spec, EPSILON).assertNear(switchable(spec, 2), ULPS);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchLayerNormWithOneWeightIsThatMember(TensorSpec spec) {
        layer(spec, 1e-3).assertNear(batchLayer(spec, BatchLayerNorm.create().weights(1, 0)), ULPS);
        batch(spec, 1e-3).assertNear(batchLayer(spec, BatchLayerNorm.create().weights(0, 1)), ULPS);
    }

    /** The paper's weights for one sample are those of layer norm, for many those of batch norm, up to δ and the root. */
    @ParameterizedTest
    @MethodSource("specs")
    void thePapersWeightsGoFromLayerToBatchNorm(TensorSpec spec) {
        double root = Math.sqrt(spec.channels());
        batchLayer(spec, BatchLayerNorm.create().weights(0.9999 / root, -0.0001 / root))
                .assertNear(batchLayer(spec, BatchLayerNorm.create().batchSize(1)), ULPS);
        batchLayer(spec, BatchLayerNorm.create().weights(-0.0001 / root, 0.9999 / root))
                .assertNear(batchLayer(spec, BatchLayerNorm.create().batchSize(1L << 60)), ULPS);
        batchLayer(spec, BatchLayerNorm.create())
                .assertNear(batchLayer(spec, BatchLayerNorm.create().batchSize(spec.batch())), 0);
    }

    /** Layer norm of whole samples, as the plan for rows has it, has no γ and β per channel. */
    @Test
    void layerWeightsAloneAreLayerNormOfWholeSamples() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 3, 4, 5);
        Tensor expected = Tensor.allocate(TensorSpec.rows(3, 20).as(DataType.F64));
        try (LayerNorm.Plan plan =
                LayerNorm.over(20).epsilon(1e-3).withoutScale().withoutShift().plan(expected.spec())) {
            plan.forward(random(expected.spec(), 1), null, null, expected);
        }
        Tensor y = Tensor.allocate(spec);
        try (BatchLayerNorm.Plan plan =
                BatchLayerNorm.create().withoutScale().withoutShift().weights(1, 0).plan(spec)) {
            plan.train(random(spec, 1), new BatchLayerNorm.Parameters(null, null), y, Statistics.NONE, null);
        }
        assertNear("y", expected, y, ULPS);
    }

    /** Over one sample, the statistics of batch and instance are the same numbers, so the gate has no effect at all. */
    @Test
    void overOneSampleTheGateHasNoEffect() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 4, 30);
        Results batch = batchInstance(spec, 1);
        Results instance = batchInstance(spec, 0);
        assertArrayEquals(batch.y.doubles(), instance.y.doubles());
        assertArrayEquals(batch.dx.doubles(), instance.dx.doubles());
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aContentWithItsOwnStyleStaysAsItIs(TensorSpec spec) {
        Tensor x = random(spec, 1);
        Tensor y = Tensor.allocate(spec);
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(spec, spec)) {
            plan.forward(x, random(spec, 1), y, Statistics.NONE, Statistics.NONE);
        }
        assertNear("y", x, y, 1);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aStyleOfNoStrengthLeavesTheContentAsItIs(TensorSpec spec) {
        Tensor x = random(spec, 1);
        Tensor y = Tensor.allocate(spec);
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().strength(0).plan(spec, spec)) {
            plan.forward(x, random(spec, 9), y, Statistics.NONE, Statistics.NONE);
        }
        assertNear("y", x, y, 1);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void theResultHasTheStatisticsOfTheStyle(TensorSpec spec) {
        TensorSpec other = TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, spec.batch(), 11, spec.channels());
        Tensor y = Tensor.allocate(spec);
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().epsilon(0).unbiased().plan(spec, other)) {
            plan.forward(random(spec, 1), random(other, 2), y, Statistics.NONE, Statistics.NONE);
        }
        double near = spec.type() == DataType.F32 ? 1e-6 : 1e-14;
        Formula result = new Formula(y);
        Formula style = new Formula(random(other, 2));
        for (int n = 0; n < spec.batch(); n++) {
            for (int c = 0; c < spec.channels(); c++) {
                assertEquals(style.instance(n, c).mean(), result.instance(n, c).mean(), near);
                assertEquals(style.instance(n, c).variance() * 11 / 10,
                        result.instance(n, c).variance() * spec.spatial() / (spec.spatial() - 1.0), near);
            }
        }
    }

    /** Without spread and ε, there is nothing to divide by; the result is the style's mean. */
    @Test
    void aConstantContentBecomesTheStylesMean() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 1, 6);
        Tensor y = Tensor.allocate(spec);
        Tensor style = random(spec, 3);
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().epsilon(0).plan(spec, spec)) {
            Statistics content = plan.newStatistics();
            Statistics of = plan.newStatistics();
            plan.forward(filled(spec, 0.3), style, y, content, of);
            for (int i = 0; i < 6; i++) {
                assertEquals(of.mean().get(0), y.get(i));
            }
            Tensor dx = Tensor.allocate(spec);
            plan.backward(random(spec, 4), filled(spec, 0.3), style, content, of, dx, null);
            for (int i = 0; i < 6; i++) {
                assertEquals(0, dx.get(i), 0.0);
            }
        }
    }

    @Test
    void aGateIsClippedToItsRange() {
        Tensor gate = Tensor.of(TensorSpec.rows(5), new float[] {-0.5f, 0, 0.25f, 1, 1.5f});
        BatchInstanceNorm.clip(gate);
        assertArrayEquals(new float[] {0, 0, 0.25f, 1, 1}, gate.floats());
    }

    /** Without any spread and ε, y is β and nothing has an effect on it but β. */
    @Test
    void constantDataComesOutAsTheShift() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 2, 2, 3);
        TensorSpec channels = TensorSpec.rows(2).as(DataType.F64);
        Tensor shift = random(channels, 1);
        BatchInstanceNorm.Parameters parameters =
                new BatchInstanceNorm.Parameters(random(channels, 2), shift, filled(channels, 0.5));
        BatchInstanceNorm.Parameters gradients =
                new BatchInstanceNorm.Parameters(random(channels, 0), random(channels, 0), random(channels, 0));
        Tensor y = Tensor.allocate(spec);
        Tensor dx = random(spec, 0);
        try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().epsilon(0).plan(spec)) {
            Statistics saved = plan.newStatistics();
            plan.train(filled(spec, 0.1), parameters, y, saved, null);
            plan.backward(filled(spec, 1), filled(spec, 0.1), parameters, saved, dx, gradients);
        }
        for (int i = 0; i < spec.elements(); i++) {
            assertEquals(shift.get(i / 3 % 2), y.get(i));
            assertEquals(0, dx.get(i), 0.0);
        }
        for (int c = 0; c < 2; c++) {
            assertEquals(0, gradients.scale().get(c), 0.0);
            assertEquals(0, gradients.gate().get(c), 0.0);
            assertEquals(6, gradients.shift().get(c), 1e-15);
        }
    }

    /** What is not finite stays among what shares a statistic with it. */
    @Test
    void notANumberStaysInItsSets() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 3, 4, 5);
        Tensor x = random(spec, 1);
        x.set((1 * 4 + 2) * 5 + 3, Double.NaN);
        Tensor y = Tensor.allocate(spec);
        Tensor gate = filled(TensorSpec.rows(4).as(DataType.F64), 0.5);
        try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().withoutScale().withoutShift().plan(spec)) {
            plan.train(x, new BatchInstanceNorm.Parameters(null, null, gate), y, Statistics.NONE, null);
        }
        for (int i = 0; i < spec.elements(); i++) {
            assertEquals(i / 5 % 4 == 2, Double.isNaN(y.get(i)), "element " + i);
        }
        assertTrue(Double.isNaN(y.get(10)));
    }
}
