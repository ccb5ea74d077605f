package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import normkit.BatchNorm.RunningVariance;
import normkit.BatchNorm.SingleValue;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Batch norm on numbers that can be followed by hand. Channel 0 of the batch is {1, 3, 5, 7}: mean 4, biased variance
 * 5, unbiased 20/3; channel 1 is ten times that.
 */
class BatchNormTest {

    private static final TensorSpec X = TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, 4, 2);
    private static final double[] BATCH = {1, 10, 3, 30, 5, 50, 7, 70};
    private static final TensorSpec TWO = TensorSpec.of(DataType.F64, Layout.ROWS, 2);

    private static Tensor tensor(TensorSpec spec, double... values) {
        return Tensor.of(spec, values);
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.spec().elements()];
        Arrays.setAll(values, tensor::get);
        return values;
    }

    /** Trains some times on the same batch and returns mean and variance of both channels. */
    private static double[] running(BatchNorm norm, RunningStatistics running, int times) {
        try (BatchNorm.Plan plan = norm.withoutScale().withoutShift().plan(X)) {
            for (int i = 0; i < times; i++) {
                plan.train(tensor(X, BATCH.clone()), null, null, Tensor.allocate(X), Statistics.NONE, running);
            }
        }
        double[] mean = values(running.statistics().mean());
        double[] variance = values(running.statistics().variance());
        return new double[] {mean[0], mean[1], variance[0], variance[1]};
    }

    private static RunningStatistics fresh() {
        return RunningStatistics.allocate(DataType.F64, 2);
    }

    @Test
    void runningStatisticsStartAtTheStandardNormal() {
        RunningStatistics running = fresh();
        assertArrayEquals(new double[] {0, 0}, values(running.statistics().mean()));
        assertArrayEquals(new double[] {1, 1}, values(running.statistics().variance()));
        assertEquals(0, running.batches());
    }

    @Test
    void momentumOfTheNewBatchIsItsWeight() {
        BatchNorm norm = BatchNorm.create().momentum(Momentum.ofNew(0.25)).runningVariance(RunningVariance.BIASED);
        // 0.75·0 + 0.25·4, 0.75·1 + 0.25·5; then 0.75·1 + 0.25·4, 0.75·2 + 0.25·5
        assertArrayEquals(new double[] {1, 10, 2, 125.75}, running(norm, fresh(), 1));
        assertArrayEquals(new double[] {1.75, 17.5, 2.75, 219.3125}, running(norm, fresh(), 2));
    }

    @Test
    void momentumOfTheOldValueIsTheRest() {
        BatchNorm norm = BatchNorm.create().momentum(Momentum.ofOld(0.75)).runningVariance(RunningVariance.BIASED);
        assertArrayEquals(new double[] {1, 10, 2, 125.75}, running(norm, fresh(), 1));
        assertEquals(Momentum.ofNew(0.25), Momentum.ofOld(0.75));
    }

    @Test
    void momentumOfZeroAndOneKeepsTheOldAndTheNew() {
        BatchNorm norm = BatchNorm.create().runningVariance(RunningVariance.BIASED);
        assertArrayEquals(new double[] {0, 0, 1, 1}, running(norm.momentum(Momentum.ofNew(0)), fresh(), 3));
        assertArrayEquals(new double[] {4, 40, 5, 500}, running(norm.momentum(Momentum.ofNew(1)), fresh(), 3));
    }

    @Test
    void cumulativeAverageWeighsAllBatchesAlike() {
        BatchNorm norm =
                BatchNorm.create().momentum(Momentum.cumulativeAverage()).runningVariance(RunningVariance.BIASED);
        assertArrayEquals(new double[] {4, 40, 5, 500}, running(norm, fresh(), 1));
        // Three batches seen, with averages 0 and 1: the fourth has a weight of a quarter.
        RunningStatistics running = new RunningStatistics(tensor(TWO, 0, 0), tensor(TWO, 1, 1), 3);
        assertArrayEquals(new double[] {1, 10, 2, 125.75}, running(norm, running, 1));
        assertEquals(4, running.batches());
    }

    @Test
    void theDefaultsArePyTorchs() {
        // Weight 0.1 of the new batch, unbiased variance 20/3.
        double[] actual = running(BatchNorm.create(), fresh(), 1);
        assertEquals(0.1 * 4, actual[0]);
        assertEquals(0.9 + 0.1 * (20 / 3.0), actual[2], Math.ulp(1.5));
        assertEquals(0.9 + 0.1 * (2000 / 3.0), actual[3], Math.ulp(66.0));
    }

    @Test
    void theUnbiasedRunningVarianceDividesByOneLess() {
        // {1, 3}: biased variance 1, unbiased 2
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 1, 2);
        TensorSpec one = TensorSpec.of(DataType.F64, Layout.ROWS, 1);
        for (RunningVariance convention : RunningVariance.values()) {
            BatchNorm norm = BatchNorm.create().momentum(Momentum.ofNew(1)).runningVariance(convention).epsilon(0);
            RunningStatistics running = RunningStatistics.allocate(DataType.F64, 1);
            Tensor y = Tensor.allocate(spec);
            Tensor variance = Tensor.allocate(one);
            try (BatchNorm.Plan plan = norm.withoutScale().withoutShift().plan(spec)) {
                plan.train(tensor(spec, 1, 3), null, null, y, new Statistics(null, variance, null), running);
            }
            assertEquals(convention == RunningVariance.BIASED ? 1 : 2, running.statistics().variance().get(0));
            // What the batch is normalized with and what is saved is biased in either case.
            assertArrayEquals(new double[] {-1, 1}, values(y));
            assertEquals(1, variance.get(0));
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void trainingNormalizesWithTheBatch(DataType type) {
        // ε = 4 makes variance + ε = 9 and 504; ε is inside the root.
        TensorSpec spec = X.as(type);
        TensorSpec two = TWO.as(type);
        Tensor x = Tensor.allocate(spec);
        Call.copy(tensor(X, BATCH), x);
        Tensor scale = Tensor.allocate(two);
        scale.set(0, 6);
        Tensor shift = Tensor.allocate(two);
        shift.set(0, 1);
        shift.set(1, -2);
        Tensor y = Tensor.allocate(spec);
        Statistics saved = new Statistics(Tensor.allocate(two), Tensor.allocate(two), Tensor.allocate(two));
        try (BatchNorm.Plan plan = BatchNorm.create().epsilon(4).plan(spec)) {
            plan.train(x, scale, shift, y, saved, null);
        }
        // 6·(x − 4)/3 + 1; a scale of 0 leaves the shift
        double[] expected = {-5, -2, -1, -2, 3, -2, 7, -2};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], y.get(i), 8 * type.round(type == DataType.F32 ? 0x1p-23 : 0x1p-52));
        }
        assertArrayEquals(new double[] {4, 40}, values(saved.mean()));
        assertArrayEquals(new double[] {5, 500}, values(saved.variance()));
        assertEquals(type.round(1 / 3.0), saved.rstd().get(0));
    }

    @Test
    void inferenceNormalizesWithWhatItIsGiven() {
        Tensor x = tensor(X, BATCH.clone());
        Tensor mean = tensor(TWO, 3, 0);
        Tensor y = Tensor.allocate(X);
        try (BatchNorm.Plan plan = BatchNorm.create().epsilon(0.75).plan(X)) {
            // variance + ε = 0.25 + 0.75 and 15.25 + 0.75: rstd 1 and 1/4
            plan.infer(x, tensor(TWO, 2, 1), tensor(TWO, 0.5, -1),
                    Statistics.meanAndVariance(mean, tensor(TWO, 0.25, 15.25)), y);
            double[] expected = {-3.5, 1.5, 0.5, 6.5, 4.5, 11.5, 8.5, 16.5};
            assertArrayEquals(expected, values(y));
            // rstd is taken as it is, and goes before the variance
            plan.infer(x, tensor(TWO, 2, 1), tensor(TWO, 0.5, -1),
                    new Statistics(mean, tensor(TWO, 99, 99), tensor(TWO, 1, 0.25)), y);
            assertArrayEquals(expected, values(y));
        }
    }

    @Test
    void inferenceAfterTrainingUsesTheRunningStatistics() {
        BatchNorm norm = BatchNorm.create().withoutScale().withoutShift().momentum(Momentum.ofNew(1)).epsilon(4)
                .runningVariance(RunningVariance.BIASED);
        try (BatchNorm.Plan plan = norm.plan(X)) {
            RunningStatistics running = fresh();
            Tensor trained = Tensor.allocate(X);
            plan.train(tensor(X, BATCH.clone()), null, null, trained, Statistics.NONE, running);
            Tensor inferred = Tensor.allocate(X);
            plan.infer(tensor(X, BATCH.clone()), null, null, running.statistics(), inferred);
            assertArrayEquals(values(trained), values(inferred));
            assertEquals(1, running.batches());
        }
    }

    @Test
    void backwardTakesTheBatchStatisticsAsFunctionsOfX() {
        // mean 4 and rstd 1/2 as given: x̂ = {-1.5, -0.5, 0.5, 1.5}
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 2, 1, 2);
        TensorSpec one = TensorSpec.of(DataType.F64, Layout.ROWS, 1);
        Tensor x = tensor(spec, 1, 3, 5, 7);
        Tensor dy = tensor(spec, 1, 0, 0, 3);
        Tensor scale = tensor(one, 4);
        Statistics saved = Statistics.meanAndRstd(tensor(one, 4), tensor(one, 0.5));
        Tensor dx = Tensor.allocate(spec);
        Tensor dscale = Tensor.allocate(one);
        Tensor dshift = Tensor.allocate(one);
        try (BatchNorm.Plan plan = BatchNorm.create().plan(spec)) {
            plan.backward(dy, x, scale, saved, dx, dscale, dshift);
            assertArrayEquals(new double[] {4}, values(dshift));
            // Σ dy·x̂ = −1.5 + 3·1.5
            assertArrayEquals(new double[] {3}, values(dscale));
            // g = {4, 0, 0, 12}, mean(g) = 4, mean(g·x̂) = 3: (g − 4 − 3·x̂)/2
            assertArrayEquals(new double[] {2.25, -1.25, -2.75, 1.75}, values(dx));

            plan.backwardFrozen(dy, x, scale, saved, dx, dscale, dshift);
            assertArrayEquals(new double[] {4}, values(dshift));
            assertArrayEquals(new double[] {3}, values(dscale));
            // γ·rstd·dy
            assertArrayEquals(new double[] {2, 0, 0, 6}, values(dx));
        }
    }

    @Test
    void aVarianceIsAsGoodAsItsReciprocalRoot() {
        // variance 3.75 + ε 0.25 = 4: rstd 1/2
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 2, 1, 2);
        TensorSpec one = TensorSpec.of(DataType.F64, Layout.ROWS, 1);
        Tensor dx = Tensor.allocate(spec);
        try (BatchNorm.Plan plan = BatchNorm.create().withoutScale().withoutShift().epsilon(0.25).plan(spec)) {
            plan.backwardFrozen(tensor(spec, 1, 2, 3, 4), tensor(spec, 0, 0, 0, 0), null,
                    Statistics.meanAndVariance(tensor(one, 0), tensor(one, 3.75)), dx, null, null);
        }
        assertArrayEquals(new double[] {0.5, 1, 1.5, 2}, values(dx));
    }

    @Test
    void aSingleValueIsRejectedInTrainingOnly() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 2);
        Tensor x = tensor(spec, 5, 9);
        Tensor y = tensor(spec, 77, 77);
        RunningStatistics running = fresh();
        try (BatchNorm.Plan plan = BatchNorm.create().withoutScale().withoutShift().epsilon(0).plan(spec)) {
            var error = assertThrows(IllegalArgumentException.class,
                    () -> plan.train(x, null, null, y, Statistics.NONE, running));
            assertTrue(error.getMessage().contains("x is F64 CHANNELS_FIRST 1x2")
                    && error.getMessage().contains("SingleValue.ALLOW"), error.getMessage());
            assertArrayEquals(new double[] {77, 77}, values(y));
            assertEquals(0, running.batches());
            plan.infer(x, null, null, running.statistics(), y);
            assertArrayEquals(new double[] {5, 9}, values(y));
        }
    }

    @ParameterizedTest
    @EnumSource(RunningVariance.class)
    void aSingleValueThatIsAllowedHasNoSpread(RunningVariance convention) {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 2);
        RunningStatistics running = fresh();
        Tensor y = Tensor.allocate(spec);
        BatchNorm norm = BatchNorm.create().singleValue(SingleValue.ALLOW).momentum(Momentum.ofNew(0.5))
                .runningVariance(convention);
        try (BatchNorm.Plan plan = norm.plan(spec)) {
            plan.train(tensor(spec, 5, 9), tensor(TWO, 3, 3), tensor(TWO, -1, 2), y, Statistics.NONE, running);
        }
        assertArrayEquals(new double[] {-1, 2}, values(y));
        assertArrayEquals(new double[] {2.5, 4.5}, values(running.statistics().mean()));
        assertArrayEquals(new double[] {0.5, 0.5}, values(running.statistics().variance()));
    }

    @Test
    void aRefusedStepIsNotTakenIn() {
        RunningStatistics running = fresh();
        try (BatchNorm.Plan plan = BatchNorm.create().withoutScale().withoutShift().plan(X)) {
            assertThrows(NullPointerException.class,
                    () -> plan.train(tensor(X, BATCH.clone()), null, null, null, Statistics.NONE, running));
        }
        assertEquals(0, running.batches());
        assertArrayEquals(new double[] {0, 0}, values(running.statistics().mean()));
    }

    @Test
    void runningStatisticsOfAnyTypeServeF32() {
        TensorSpec spec = X.as(DataType.F32);
        Tensor x = Tensor.allocate(spec);
        Call.copy(tensor(X, BATCH), x);
        BatchNorm norm = BatchNorm.create().withoutScale().withoutShift();
        try (BatchNorm.Plan plan = norm.plan(spec)) {
            for (DataType type : DataType.values()) {
                RunningStatistics running = RunningStatistics.allocate(type, 2);
                plan.train(x, null, null, Tensor.allocate(spec), Statistics.NONE, running);
                assertEquals(type.round(0.1 * 4), running.statistics().mean().get(0));
            }
        }
    }
}
