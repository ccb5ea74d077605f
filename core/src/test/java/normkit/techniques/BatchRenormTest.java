package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import normkit.BatchNorm;
import normkit.Momentum;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batch renormalization against algorithm 1 of its paper, element by element. */
class BatchRenormTest {

    private static final double EPSILON = 1e-3;
    /** Some channels of the data are clipped on either side, some are not. */
    private static final BatchRenorm.Limits LIMITS = new BatchRenorm.Limits(1.4, 0.7);

    /** The paper's formulas, in double. */
    private static final class Paper {

        final double[] mean;
        final double[] sigma;
        final double[] r;
        final double[] d;
        final int count;
        final TensorSpec x;

        Paper(Tensor x, double[] runningMean, double[] runningVariance, BatchRenorm.Limits limits) {
            this.x = x.spec();
            int channels = (int) x.spec().channels();
            count = (int) (x.spec().elements() / channels);
            mean = new double[channels];
            sigma = new double[channels];
            r = new double[channels];
            d = new double[channels];
            for (long i = 0; i < x.spec().elements(); i++) {
                mean[Given.channel(this.x, i)] += x.get(i) / count;
            }
            for (long i = 0; i < x.spec().elements(); i++) {
                int c = Given.channel(this.x, i);
                sigma[c] += (x.get(i) - mean[c]) * (x.get(i) - mean[c]) / count;
            }
            for (int c = 0; c < channels; c++) {
                sigma[c] = Math.sqrt(sigma[c] + EPSILON);
                double running = Math.sqrt(runningVariance[c] + EPSILON);
                r[c] = Math.max(1 / limits.rMax(), Math.min(limits.rMax(), sigma[c] / running));
                d[c] = Math.max(-limits.dMax(), Math.min(limits.dMax(), (mean[c] - runningMean[c]) / running));
            }
        }

        double y(double x, int c, double gamma, double beta) {
            return gamma * ((x - mean[c]) / sigma[c] * r[c] + d[c]) + beta;
        }
    }

    private static BatchRenorm norm() {
        return BatchRenorm.create().epsilon(EPSILON);
    }

    private static double near(TensorSpec x) {
        return x.type() == DataType.F32 ? 4e-6 : 1e-12;
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void trainingIsThePapersAlgorithm(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor scale = given.scale();
        Tensor shift = given.shift();
        RunningStatistics running = given.running();
        double[] oldMean = Given.values(running.statistics().mean());
        double[] oldVariance = Given.values(running.statistics().variance());
        Paper paper = new Paper(x, oldMean, oldVariance, LIMITS);
        assertTrue(Arrays.stream(paper.r).anyMatch(r -> r == LIMITS.rMax() || r == 1 / LIMITS.rMax()));
        Tensor y = Tensor.allocate(spec);
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(spec.channels());
        try (BatchRenorm.Plan plan = norm().momentum(Momentum.ofNew(0.25)).plan(spec)) {
            plan.train(x, scale, shift, y, saved, running, LIMITS);
        }
        for (long i = 0; i < spec.elements(); i++) {
            int c = Given.channel(spec, i);
            assertEquals(paper.y(x.get(i), c, scale.get(c), shift.get(c)), y.get(i), near(spec));
        }
        assertArrayEquals(paper.mean, Given.values(saved.mean()), near(spec));
        assertArrayEquals(paper.r, Given.values(saved.r()), near(spec));
        assertArrayEquals(paper.d, Given.values(saved.d()), near(spec));
        assertEquals(1, running.batches());
        for (int c = 0; c < spec.channels(); c++) {
            assertEquals(1 / paper.sigma[c], saved.rstd().get(c), near(spec) / paper.sigma[c]);
            assertEquals(0.75 * oldMean[c] + 0.25 * paper.mean[c], running.statistics().mean().get(c), near(spec));
            double sigma = 0.75 * Math.sqrt(oldVariance[c] + EPSILON) + 0.25 * paper.sigma[c];
            assertEquals(sigma, Math.sqrt(running.statistics().variance().get(c) + EPSILON), near(spec));
        }
    }

    /** The paper's backward formulas, term by term. */
    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void backwardIsThePapers(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor scale = given.scale();
        RunningStatistics running = given.running();
        Paper paper = new Paper(x, Given.values(running.statistics().mean()),
                Given.values(running.statistics().variance()), LIMITS);
        int channels = (int) spec.channels();
        double[] dSigma = new double[channels];
        double[] dMean = new double[channels];
        double[] dGamma = new double[channels];
        double[] dBeta = new double[channels];
        for (long i = 0; i < spec.elements(); i++) {
            int c = Given.channel(spec, i);
            double dxHat = dy.get(i) * scale.get(c);
            dSigma[c] += dxHat * (x.get(i) - paper.mean[c]) * -paper.r[c] / (paper.sigma[c] * paper.sigma[c]);
            dMean[c] += dxHat * -paper.r[c] / paper.sigma[c];
            dGamma[c] += dy.get(i) * paper.y(x.get(i), c, 1, 0);
            dBeta[c] += dy.get(i);
        }
        Tensor dx = Tensor.allocate(spec);
        Tensor dscale = Tensor.allocate(given.perChannel());
        Tensor dshift = Tensor.allocate(given.perChannel());
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(channels);
        try (BatchRenorm.Plan plan = norm().plan(spec)) {
            plan.train(x, scale, given.shift(), Tensor.allocate(spec), saved, running, LIMITS);
            plan.backward(dy, x, scale, saved, dx, dscale, dshift);
        }
        double near = near(spec);
        for (long i = 0; i < spec.elements(); i++) {
            int c = Given.channel(spec, i);
            double expected = dy.get(i) * scale.get(c) * paper.r[c] / paper.sigma[c]
                    + dSigma[c] * (x.get(i) - paper.mean[c]) / (paper.count * paper.sigma[c]) + dMean[c] / paper.count;
            assertEquals(expected, dx.get(i), 4 * near);
        }
        assertArrayEquals(dGamma, Given.values(dscale), near * paper.count);
        assertArrayEquals(dBeta, Given.values(dshift), near * paper.count);
    }

    /** Differences of a loss in which r and d are held at what they are. */
    @ParameterizedTest
    @MethodSource("smallSpecs")
    void gradientsAreSlopes(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor scale = given.scale();
        Tensor shift = given.shift();
        RunningStatistics running = given.running();
        Paper paper = new Paper(x, Given.values(running.statistics().mean()),
                Given.values(running.statistics().variance()), LIMITS);
        Tensor dx = Tensor.allocate(spec);
        Tensor dscale = Tensor.allocate(given.perChannel());
        Tensor dshift = Tensor.allocate(given.perChannel());
        try (BatchRenorm.Plan plan = norm().plan(spec)) {
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(spec.channels());
            plan.train(x, scale, shift, Tensor.allocate(spec), saved, running, LIMITS);
            plan.backward(dy, x, scale, saved, dx, dscale, dshift);
        }
        ToDoubleFunction<Tensor> loss = ignored -> {
            Paper now = new Paper(x, Given.values(running.statistics().mean()),
                    Given.values(running.statistics().variance()), LIMITS);
            double sum = 0;
            for (long i = 0; i < spec.elements(); i++) {
                int c = Given.channel(spec, i);
                double z = (x.get(i) - now.mean[c]) / now.sigma[c];
                sum += dy.get(i) * (scale.get(c) * (z * paper.r[c] + paper.d[c]) + shift.get(c));
            }
            return sum;
        };
        assertTrue(Given.gradientError(x, dx, loss) < 1e-6);
        assertTrue(Given.gradientError(scale, dscale, loss) < 1e-6);
        assertTrue(Given.gradientError(shift, dshift, loss) < 1e-6);
    }

    static List<TensorSpec> smallSpecs() {
        return Given.specs(DataType.F64).stream().filter(spec -> spec.elements() < 1000).toList();
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void withoutCorrectionItIsBatchNorm(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor scale = given.scale();
        Tensor[] expected = outputs(given);
        Tensor[] actual = outputs(given);
        Statistics statistics = Statistics.allocate(given.perChannel());
        try (BatchNorm.Plan plan = BatchNorm.create().epsilon(EPSILON).plan(spec)) {
            plan.train(x, scale, given.shift(), expected[0], statistics, null);
            plan.backward(dy, x, scale, statistics, expected[1], expected[2], expected[3]);
        }
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(spec.channels());
        try (BatchRenorm.Plan plan = norm().plan(spec)) {
            plan.train(x, scale, given.shift(), actual[0], saved, given.running(), BatchRenorm.Limits.BATCH_NORM);
            plan.backward(dy, x, scale, saved, actual[1], actual[2], actual[3]);
        }
        for (int k = 0; k < 4; k++) {
            double near = near(spec) * (k < 2 ? 1 : spec.elements() / spec.channels());
            assertArrayEquals(Given.values(expected[k]), Given.values(actual[k]), near);
        }
    }

    private static Tensor[] outputs(Given given) {
        return new Tensor[] {Tensor.allocate(given.x()), Tensor.allocate(given.x()),
            Tensor.allocate(given.perChannel()), Tensor.allocate(given.perChannel())};
    }

    /** Where nothing is clipped, training computes what inference with the statistics before it does. */
    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void withoutLimitsTrainingIsInference(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor inferred = Tensor.allocate(spec);
        Tensor renormalized = Tensor.allocate(spec);
        Tensor expected = Tensor.allocate(spec);
        RunningStatistics running = given.running();
        double infinity = Double.POSITIVE_INFINITY;
        try (BatchRenorm.Plan plan = norm().plan(spec);
                BatchNorm.Plan dense = BatchNorm.create().epsilon(EPSILON).plan(spec)) {
            dense.infer(x, given.scale(), given.shift(), running.statistics(), expected);
            plan.infer(x, given.scale(), given.shift(), running, inferred);
            plan.train(x, given.scale(), given.shift(), renormalized, null, running,
                    new BatchRenorm.Limits(infinity, infinity));
        }
        assertArrayEquals(Given.values(expected), Given.values(inferred), near(spec));
        assertArrayEquals(Given.values(inferred), Given.values(renormalized), 4 * near(spec));
    }

    @Test
    void warmUpIsThePapers() {
        BatchRenorm.WarmUp warmUp = BatchRenorm.WarmUp.PAPER;
        assertEquals(BatchRenorm.Limits.BATCH_NORM, warmUp.at(0));
        assertEquals(BatchRenorm.Limits.BATCH_NORM, warmUp.at(5000));
        assertEquals(new BatchRenorm.Limits(1 + 2 * 10_000 / 35_000.0, 2.5), warmUp.at(15_000));
        assertEquals(5, warmUp.at(25_000).dMax());
        assertEquals(BatchRenorm.Limits.PAPER, warmUp.at(40_000));
        assertEquals(BatchRenorm.Limits.PAPER, warmUp.at(Long.MAX_VALUE));
        BatchRenorm.WarmUp sudden = new BatchRenorm.WarmUp(3, 3, 3, BatchRenorm.Limits.PAPER);
        assertEquals(BatchRenorm.Limits.BATCH_NORM, sudden.at(3));
        assertEquals(BatchRenorm.Limits.PAPER, sudden.at(4));
    }

    @Test
    void limitsOutOfRangeAreRejected() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new BatchRenorm.Limits(0.9, 0)).getMessage()
                .contains("rMax is 0.9"));
        assertThrows(IllegalArgumentException.class, () -> new BatchRenorm.Limits(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new BatchRenorm.Limits(1, -1));
        assertThrows(IllegalArgumentException.class, () -> new BatchRenorm.Limits(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new BatchRenorm.WarmUp(10, 9, 10, BatchRenorm.Limits.PAPER));
        assertThrows(IllegalArgumentException.class,
                () -> new BatchRenorm.WarmUp(0, 9, 9, new BatchRenorm.Limits(Double.POSITIVE_INFINITY, 1)));
        assertThrows(IllegalArgumentException.class, () -> BatchRenorm.create().epsilon(-1));
    }

    /** The deviations of {1, 3} and {1, 5} are 1 and 2; their means are 2 and 3. */
    @Test
    void cumulativeStatisticsAreAveragesOfMeansAndDeviations() {
        TensorSpec spec = TensorSpec.channelsLast(2, 1).as(DataType.F64);
        RunningStatistics running = RunningStatistics.allocate(DataType.F64, 1);
        BatchRenorm norm = BatchRenorm.create().epsilon(0).momentum(Momentum.cumulativeAverage()).withoutScale();
        try (BatchRenorm.Plan plan = norm.withoutShift().plan(spec)) {
            for (double last : new double[] {3, 5}) {
                Tensor x = Tensor.of(spec, new double[] {1, last});
                plan.train(x, null, null, x, null, running, BatchRenorm.Limits.PAPER);
            }
        }
        assertEquals(2, running.batches());
        assertEquals(2.5, running.statistics().mean().get(0));
        assertEquals(1.5 * 1.5, running.statistics().variance().get(0));
    }

    /** A constant channel, ε = 0, and running statistics without spread: nothing is divided by zero. */
    @Test
    void noSpreadAnywhereGivesTheShift() {
        TensorSpec spec = TensorSpec.channelsLast(4, 1).as(DataType.F64);
        Tensor x = Tensor.of(spec, new double[] {3, 3, 3, 3});
        Tensor y = Tensor.allocate(spec);
        Tensor dx = Tensor.of(spec, new double[] {9, 9, 9, 9});
        TensorSpec one = TensorSpec.rows(1).as(DataType.F64);
        RunningStatistics running = new RunningStatistics(Tensor.allocate(one), Tensor.allocate(one), 0);
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(1);
        try (BatchRenorm.Plan plan = BatchRenorm.create().epsilon(0).withoutScale().plan(spec)) {
            plan.train(x, null, Tensor.of(one, new double[] {7}), y, saved, running, BatchRenorm.Limits.PAPER);
            plan.backward(given(spec), x, null, saved, dx, null, null);
        }
        assertArrayEquals(new double[] {7, 7, 7, 7}, Given.values(y));
        assertArrayEquals(new double[4], Given.values(dx));
    }

    private static Tensor given(TensorSpec spec) {
        return new Given(spec).gradient();
    }

    @Test
    void aValueThatIsNotFiniteSpoilsItsChannelAlone() {
        TensorSpec spec = TensorSpec.channelsLast(5, 3).as(DataType.F64);
        Given given = new Given(spec);
        Tensor x = given.data();
        x.set(1, Double.POSITIVE_INFINITY);
        Tensor y = Tensor.allocate(spec);
        RunningStatistics running = given.running();
        try (BatchRenorm.Plan plan = norm().plan(spec)) {
            plan.train(x, given.scale(), given.shift(), y, null, running, BatchRenorm.Limits.PAPER);
        }
        for (int i = 0; i < 15; i++) {
            assertEquals(i % 3 != 1, Double.isFinite(y.get(i)), "element " + i);
        }
        assertTrue(Double.isFinite(running.statistics().mean().get(0)));
        assertTrue(Double.isNaN(running.statistics().variance().get(1)));
    }

    @Test
    void anEmptyBatchChangesNothing() {
        for (TensorSpec spec : new TensorSpec[] {TensorSpec.channelsFirst(0, 3, 4), TensorSpec.channelsLast(2, 0, 3),
            TensorSpec.channelsFirst(4, 0)}) {
            Given given = new Given(spec);
            RunningStatistics running = given.running();
            double[] mean = Given.values(running.statistics().mean());
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(spec.channels());
            Tensor dscale = given.scale();
            try (BatchRenorm.Plan plan = norm().plan(spec)) {
                plan.train(given.data(), given.scale(), given.shift(), Tensor.allocate(spec), saved, running, LIMITS);
                plan.infer(given.data(), given.scale(), given.shift(), running, Tensor.allocate(spec));
                plan.backward(given.data(), given.data(), given.scale(), saved, null, dscale, null);
            }
            assertArrayEquals(mean, Given.values(running.statistics().mean()));
            assertEquals(0, running.batches());
            assertArrayEquals(new double[mean.length], Given.values(dscale));
        }
    }

    @Test
    void wrongArgumentsAreNamedAndNothingIsWritten() {
        TensorSpec spec = TensorSpec.channelsFirst(2, 3, 4);
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor y = Tensor.allocate(spec);
        RunningStatistics running = given.running();
        BatchRenorm.Saved few = BatchRenorm.Saved.allocate(2);
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(3);
        BatchRenorm.Plan plan = norm().plan(spec);
        assertMessage("save has 2 channels; it must have 3",
                () -> plan.train(x, given.scale(), given.shift(), y, few, running, LIMITS));
        assertMessage("scale", () -> plan.train(x, x, given.shift(), y, saved, running, LIMITS));
        assertMessage("running mean", () -> plan.train(x, given.scale(), given.shift(), y, saved,
                RunningStatistics.allocate(DataType.F32, 4), LIMITS));
        assertMessage("overlaps", () -> plan.train(x, given.scale(), given.shift(), y, saved,
                new RunningStatistics(Tensor.of(given.perChannel(), y.floats(), 3), given.shift(), 0), LIMITS));
        assertMessage("dscale", () -> plan.backward(y, x, given.scale(), saved, null, x, null));
        assertThrows(NullPointerException.class,
                () -> plan.train(x, given.scale(), given.shift(), y, saved, null, LIMITS));
        assertThrows(NullPointerException.class,
                () -> plan.train(x, given.scale(), given.shift(), y, saved, running, null));
        assertThrows(IllegalArgumentException.class, () -> norm().plan(TensorSpec.rows(3, 4)));
        assertArrayEquals(new double[24], Given.values(y));
        assertEquals(0, running.batches());
        plan.close();
        assertThrows(IllegalStateException.class,
                () -> plan.train(x, given.scale(), given.shift(), y, saved, running, LIMITS));
        assertArrayEquals(new double[24], Given.values(y));
    }

    private static void assertMessage(String part, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(part), message);
    }
}
