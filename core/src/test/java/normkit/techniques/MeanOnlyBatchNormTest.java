package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.Momentum;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mean-only batch norm against x − mean + β, element by element. */
class MeanOnlyBatchNormTest {

    private static double[] means(Tensor x) {
        int channels = (int) x.spec().channels();
        double[] means = new double[channels];
        for (long i = 0; i < x.spec().elements(); i++) {
            means[Given.channel(x.spec(), i)] += x.get(i) * channels / x.spec().elements();
        }
        return means;
    }

    private static double near(TensorSpec x) {
        return x.type() == DataType.F32 ? 2e-6 : 1e-12;
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void everyPassIsItsFormula(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor shift = given.shift();
        RunningStatistics running = given.running();
        double[] oldMean = Given.values(running.statistics().mean());
        double[] variance = Given.values(running.statistics().variance());
        Tensor y = Tensor.allocate(spec);
        Tensor inferred = Tensor.allocate(spec);
        Tensor dx = Tensor.allocate(spec);
        Tensor dshift = Tensor.allocate(given.perChannel());
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().momentum(Momentum.ofNew(0.25)).plan(spec)) {
            plan.infer(x, shift, running.statistics().mean(), inferred);
            plan.train(x, shift, y, running);
            plan.backward(dy, dx, dshift);
        }
        double[] mean = means(x);
        double[] meanGradient = means(dy);
        for (long i = 0; i < spec.elements(); i++) {
            int c = Given.channel(spec, i);
            assertEquals(x.get(i) - mean[c] + shift.get(c), y.get(i), near(spec));
            assertEquals(x.get(i) - oldMean[c] + shift.get(c), inferred.get(i), near(spec));
            assertEquals(dy.get(i) - meanGradient[c], dx.get(i), near(spec));
        }
        double count = (double) spec.elements() / spec.channels();
        for (int c = 0; c < mean.length; c++) {
            assertEquals(0.75 * oldMean[c] + 0.25 * mean[c], running.statistics().mean().get(c), near(spec));
            assertEquals(meanGradient[c] * count, dshift.get(c), near(spec) * count);
        }
        assertArrayEquals(variance, Given.values(running.statistics().variance()));
        assertEquals(1, running.batches());
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.BatchRenormTest#smallSpecs")
    void gradientsAreSlopes(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor shift = given.shift();
        Tensor dx = Tensor.allocate(spec);
        Tensor dshift = Tensor.allocate(given.perChannel());
        Tensor y = Tensor.allocate(spec);
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(spec)) {
            plan.backward(dy, dx, dshift);
            assertTrue(Given.gradientError(x, dx, v -> loss(plan, x, shift, y, dy)) < 1e-6);
            assertTrue(Given.gradientError(shift, dshift, v -> loss(plan, x, shift, y, dy)) < 1e-6);
        }
    }

    private static double loss(MeanOnlyBatchNorm.Plan plan, Tensor x, Tensor shift, Tensor y, Tensor dy) {
        plan.train(x, shift, y, null);
        return Given.dot(y, dy);
    }

    /** Halves and small whole numbers leave no rounding, so that a constant added to a channel vanishes to the bit. */
    @Test
    void aBiasBeforeItHasNoEffect() {
        TensorSpec spec = TensorSpec.channelsLast(4, 2);
        float[] values = {1, 10, 3, 30, 5, 50, 7, 70};
        float[] moved = {101, 7, 103, 27, 105, 47, 107, 67};
        float[] y = new float[8];
        float[] again = new float[8];
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().withoutShift().plan(spec)) {
            plan.train(Tensor.of(spec, values), null, Tensor.of(spec, y), null);
            plan.train(Tensor.of(spec, moved), null, Tensor.of(spec, again), null);
        }
        assertArrayEquals(new float[] {-3, -30, -1, -10, 1, 10, 3, 30}, y);
        assertArrayEquals(y, again);
    }

    @Test
    void aBatchTooLargeForItsSquaresIsFine() {
        TensorSpec spec = TensorSpec.channelsLast(2, 2);
        float[] y = new float[4];
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().withoutShift().plan(spec)) {
            plan.train(Tensor.of(spec, new float[] {1e30f, Float.NaN, 3e30f, 1}), null, Tensor.of(spec, y), null);
        }
        assertEquals(-1e30f, y[0], 1e24f);
        assertEquals(1e30f, y[2], 1e24f);
        assertTrue(Float.isNaN(y[1]) && Float.isNaN(y[3]));
    }

    @Test
    void anEmptyBatchChangesNothing() {
        TensorSpec spec = TensorSpec.channelsFirst(0, 3, 4);
        Given given = new Given(spec);
        RunningStatistics running = given.running();
        Tensor dshift = given.shift();
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(spec)) {
            plan.train(given.data(), given.shift(), Tensor.allocate(spec), running);
            plan.infer(given.data(), given.shift(), given.shift(), Tensor.allocate(spec));
            plan.backward(given.data(), Tensor.allocate(spec), dshift);
        }
        assertEquals(0, running.batches());
        assertArrayEquals(new double[3], Given.values(dshift));
    }

    @Test
    void wrongArgumentsAreNamed() {
        TensorSpec spec = TensorSpec.channelsFirst(2, 3, 4);
        Given given = new Given(spec);
        Tensor y = Tensor.allocate(spec);
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(spec);
                MeanOnlyBatchNorm.Plan bare = MeanOnlyBatchNorm.create().withoutShift().plan(spec)) {
            assertThrows(NullPointerException.class, () -> plan.train(given.data(), null, y, null));
            assertThrows(NullPointerException.class, () -> plan.infer(given.data(), given.shift(), null, y));
            assertThrows(IllegalArgumentException.class, () -> bare.train(given.data(), given.shift(), y, null));
            assertThrows(IllegalArgumentException.class, () -> bare.backward(y, null, given.shift()));
            assertThrows(IllegalArgumentException.class,
                    () -> plan.infer(given.data(), given.shift(), Tensor.of(given.perChannel(), y.floats()), y));
        }
        assertArrayEquals(new double[24], Given.values(y));
    }
}
