package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntBinaryOperator;
import java.util.stream.LongStream;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.RunningStatistics;
import normkit.SetwisePlan;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Norms of padded sequences against their formula over valid elements, which knows no packing. */
class PaddedTest {

    private static final int N = 4;
    private static final int C = 6;
    private static final int L = 9;
    private static final double EPSILON = 1e-3;

    private static final Positions LENGTHS = Positions.lengths(L, 5, 0, 9, 2);
    private static final Positions MASK = Positions.mask(mask((n, p) -> (n * 7 + p * p) % 3));
    private static final Positions ALL = Positions.lengths(L, L, L, L, L);
    private static final Positions NONE = Positions.lengths(L, 0, 0, 0, 0);
    /** All samples have as many, at different places. */
    private static final Positions EQUAL = Positions.mask(mask((n, p) -> (n + p) % 3));

    private static boolean[][] mask(IntBinaryOperator zeroWhereInvalid) {
        boolean[][] mask = new boolean[N][L];
        for (int n = 0; n < N; n++) {
            for (int p = 0; p < L; p++) {
                mask[n][p] = zeroWhereInvalid.applyAsInt(n, p) != 0;
            }
        }
        return mask;
    }

    /** The norms, each with the set an element belongs to. */
    private enum Norm {
        BATCH, INSTANCE, GROUP, LAYER, RMS;

        int set(int n, int c, int p) {
            return switch (this) {
                case BATCH -> c;
                case INSTANCE -> n * C + c;
                case GROUP -> n * 2 + c / (C / 2);
                case LAYER, RMS -> n * L + p;
            };
        }

        int sets() {
            return Math.max(N * L, N * C);
        }

        private PaddedNorm padded() {
            return switch (this) {
                case INSTANCE -> PaddedNorm.of(InstanceNorm.create().epsilon(EPSILON));
                case GROUP -> PaddedNorm.of(GroupNorm.of(2).epsilon(EPSILON));
                case LAYER -> PaddedNorm.of(LayerNorm.over(C).epsilon(EPSILON));
                case RMS -> PaddedNorm.of(RmsNorm.over(C).epsilon(EPSILON));
                case BATCH -> throw new AssertionError("has a class of its own");
            };
        }

        /** Runs forward and backward into y, dx, dγ, dβ (not RMS norm's, which has no β). */
        Tensor[] run(Given given, Tensor x, Tensor dy, Positions valid) {
            Tensor[] forward = given.withOutput(x);
            Tensor[] backward = given.withOutput(dy);
            Tensor dscale = given.allocate(given.perChannel());
            Tensor dshift = this == RMS ? null : given.allocate(given.perChannel());
            Tensor shift = this == RMS ? null : given.shift();
            if (this == BATCH) {
                Statistics saved = Statistics.allocate(given.perChannel());
                try (PaddedBatchNorm.Plan plan =
                        PaddedBatchNorm.of(BatchNorm.create().epsilon(EPSILON)).plan(given.x(), given.options())) {
                    plan.train(forward[0], valid, given.scale(), shift, forward[1], saved, null);
                    plan.backward(backward[0], x, valid, given.scale(), saved, backward[1], dscale, dshift);
                }
            } else {
                try (PaddedNorm.Plan plan = padded().plan(given.x(), given.options())) {
                    PaddedNorm.Saved saved = plan.forward(forward[0], valid, given.scale(), shift, forward[1]);
                    plan.backward(backward[0], x, given.scale(), saved, backward[1], dscale, dshift);
                }
            }
            return this == RMS
                    ? new Tensor[] {forward[1], backward[1], dscale}
                    : new Tensor[] {forward[1], backward[1], dscale, dshift};
        }
    }

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Norm norm : Norm.values()) {
            for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
                for (DataType type : DataType.values()) {
                    for (Positions valid : List.of(LENGTHS, MASK, EQUAL, ALL, NONE)) {
                        cases.add(Arguments.of(norm, spec(type, layout), valid));
                    }
                }
            }
        }
        return cases;
    }

    static List<Arguments> wideCases() {
        return cases().stream().filter(c -> ((TensorSpec) c.get()[1]).type() == DataType.F64).toList();
    }

    private static TensorSpec spec(DataType type, Layout layout) {
        return layout == Layout.CHANNELS_FIRST
                ? TensorSpec.of(type, layout, N, C, L)
                : TensorSpec.of(type, layout, N, L, C);
    }

    private interface Visitor {
        void visit(int i, int set, int c);
    }

    /** Visits elements by their coordinates, the valid or the others. */
    private static void visit(Norm norm, TensorSpec x, Positions valid, boolean wanted, Visitor visitor) {
        for (int n = 0; n < N; n++) {
            for (int c = 0; c < C; c++) {
                for (int p = 0; p < L; p++) {
                    if (isValid(valid, n, p) == wanted) {
                        int i = x.layout() == Layout.CHANNELS_FIRST ? (n * C + c) * L + p : (n * L + p) * C + c;
                        visitor.visit(i, norm.set(n, c, p), c);
                    }
                }
            }
        }
    }

    /** From what the test itself defines. */
    private static boolean isValid(Positions valid, int n, int p) {
        if (valid == LENGTHS) {
            return p < new int[] {5, 0, 9, 2}[n];
        }
        if (valid == MASK) {
            return (n * 7 + p * p) % 3 != 0;
        }
        return valid == EQUAL ? (n + p) % 3 != 0 : valid == ALL;
    }

    /** The formula: mean, rstd, and y of a loss Σ y·dy. */
    private static double[] expectedY(Norm norm, Tensor x, Positions valid, Tensor scale, Tensor shift) {
        double[] count = new double[norm.sets()];
        double[] mean = new double[norm.sets()];
        double[] square = new double[norm.sets()];
        visit(norm, x.spec(), valid, true, (i, set, c) -> count[set]++);
        if (norm != Norm.RMS) {
            visit(norm, x.spec(), valid, true, (i, set, c) -> mean[set] += x.get(i) / count[set]);
        }
        visit(norm, x.spec(), valid, true,
                (i, set, c) -> square[set] += Math.pow(x.get(i) - mean[set], 2) / count[set]);
        double[] y = new double[(int) x.spec().elements()];
        visit(norm, x.spec(), valid, true,
                (i, set, c) -> y[i] = scale.get(c) * (x.get(i) - mean[set]) / Math.sqrt(square[set] + EPSILON)
                        + (norm == Norm.RMS ? 0 : shift.get(c)));
        return y;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void validPositionsAreNormalizedAndPaddingIsZero(Norm norm, TensorSpec spec, Positions valid) {
        Given given = new Given(spec);
        Tensor x = given.data();
        double[] expected = expectedY(norm, x, valid, given.scale(), given.shift());
        Tensor[] outputs = norm.run(given, x, given.gradient(), valid);
        assertArrayEquals(expected, Given.values(outputs[0]), spec.type() == DataType.F32 ? 1e-5 : 1e-12);
        visit(norm, spec, valid, false, (i, set, c) -> {
            assertEquals(0.0, outputs[0].get(i));
            assertEquals(0.0, outputs[1].get(i));
        });
    }

    /** Padding counts in the loss as well, where its y is 0 whatever x is. */
    @ParameterizedTest
    @MethodSource("wideCases")
    void gradientsAreSlopes(Norm norm, TensorSpec spec, Positions valid) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor scale = given.scale();
        Tensor shift = given.shift();
        Tensor[] outputs = norm.run(given, x, dy, valid);
        List<Tensor> variables = List.of(x, scale, shift);
        for (int k = 1; k < outputs.length; k++) {
            assertTrue(Given.gradientError(variables.get(k - 1), outputs[k], v -> {
                double[] y = expectedY(norm, x, valid, scale, shift);
                double loss = 0;
                for (int i = 0; i < y.length; i++) {
                    loss += y[i] * dy.get(i);
                }
                return loss;
            }) < 1e-6, "output " + k);
        }
    }

    private static long[] bits(Tensor[] tensors) {
        return Arrays.stream(tensors)
                .flatMapToLong(
                        t -> LongStream.range(0, t.spec().elements()).map(i -> Double.doubleToLongBits(t.get(i))))
                .toArray();
    }

    private static long[] bits(Norm norm, Given given, Positions valid) {
        return bits(norm.run(given, given.data(), given.gradient(), valid));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void memoryAndThreadsChangeNoBit(Norm norm, TensorSpec spec, Positions valid) {
        long[] heap = bits(norm, new Given(spec, null, false, PlanOptions.DEFAULT), valid);
        assertArrayEquals(heap, bits(norm, new Given(spec, null, true, PlanOptions.DEFAULT), valid));
        try (Arena arena = Arena.ofShared(); ExecutorService pool = Executors.newFixedThreadPool(2)) {
            assertArrayEquals(heap, bits(norm, new Given(spec, arena, false, PlanOptions.DEFAULT), valid));
            assertArrayEquals(heap,
                    bits(norm, new Given(spec, arena, true, PlanOptions.DEFAULT.parallel(pool, 3)), valid));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatPaddingHoldsChangesNoBit(Norm norm, TensorSpec spec, Positions valid) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        visit(norm, spec, valid, false, (i, set, c) -> {
            x.set(i, i % 2 == 0 ? Double.NaN : 1e30);
            dy.set(i, Double.NEGATIVE_INFINITY);
        });
        assertArrayEquals(bits(norm, given, valid), bits(norm.run(given, x, dy, valid)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lengthsAreAMaskAndEverythingValidIsTheDenseNorm(Norm norm, TensorSpec spec, Positions valid) {
        Given given = new Given(spec);
        assertArrayEquals(bits(norm, given, LENGTHS),
                bits(norm, given, Positions.mask(mask((n, p) -> isValid(LENGTHS, n, p) ? 1 : 0))));
        // Dense layer and RMS norm have no channels-first form to compare with.
        if (spec.layout() == Layout.CHANNELS_LAST || norm.compareTo(Norm.LAYER) < 0) {
            assertArrayEquals(bits(dense(norm, given)), bits(norm, given, ALL));
        }
    }

    private static Tensor[] dense(Norm norm, Given given) {
        Tensor y = Tensor.allocate(given.x());
        Tensor dx = Tensor.allocate(given.x());
        Tensor dscale = Tensor.allocate(given.perChannel());
        Tensor dshift = norm == Norm.RMS ? null : Tensor.allocate(given.perChannel());
        Tensor shift = norm == Norm.RMS ? null : given.shift();
        TensorSpec x = given.x();
        if (norm == Norm.BATCH) {
            Statistics saved = Statistics.allocate(given.perChannel());
            try (BatchNorm.Plan plan = BatchNorm.create().epsilon(EPSILON).plan(x)) {
                plan.train(given.data(), given.scale(), shift, y, saved, null);
                plan.backward(given.gradient(), given.data(), given.scale(), saved, dx, dscale, dshift);
            }
        } else {
            try (SetwisePlan plan = switch (norm) {
                case INSTANCE -> InstanceNorm.create().epsilon(EPSILON).plan(x);
                case GROUP -> GroupNorm.of(2).epsilon(EPSILON).plan(x);
                case LAYER -> LayerNorm.over(C).epsilon(EPSILON).plan(x);
                default -> RmsNorm.over(C).epsilon(EPSILON).plan(x);
            }) {
                Statistics saved = Statistics.allocate(plan.statisticsSpec());
                plan.forward(given.data(), given.scale(), shift, y, saved);
                plan.backward(given.gradient(), given.data(), given.scale(), saved, dx, dscale, dshift);
            }
        }
        return norm == Norm.RMS ? new Tensor[] {y, dx, dscale} : new Tensor[] {y, dx, dscale, dshift};
    }

    @ParameterizedTest
    @EnumSource(value = Layout.class, names = {"CHANNELS_FIRST", "CHANNELS_LAST"})
    void runningStatisticsAndInferenceOfBatchNorm(Layout layout) {
        TensorSpec spec = spec(DataType.F64, layout);
        Given given = new Given(spec);
        Tensor x = given.data();
        RunningStatistics running = RunningStatistics.allocate(DataType.F64, C);
        BatchNorm norm = BatchNorm.create().epsilon(0).momentum(Momentum.ofNew(1));
        Tensor y = Tensor.allocate(spec);
        Tensor dx = Tensor.allocate(spec);
        Tensor dshift = Tensor.allocate(given.perChannel());
        try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(norm.withoutScale()).plan(spec)) {
            plan.train(x, NONE, null, given.shift(), y, Statistics.NONE, running);
            assertEquals(0, running.batches());
            plan.train(x, MASK, null, given.shift(), y, Statistics.NONE, running);
            Statistics statistics = running.statistics();
            double[] sum = new double[C];
            double[] square = new double[C];
            visit(Norm.BATCH, spec, MASK, true, (i, set, c) -> sum[c] += x.get(i) / MASK.total());
            visit(Norm.BATCH, spec, MASK, true, (i, set, c) -> square[c] += Math.pow(x.get(i) - sum[c], 2));
            for (int c = 0; c < C; c++) {
                assertEquals(sum[c], statistics.mean().get(c), 1e-13);
                assertEquals(square[c] / (MASK.total() - 1), statistics.variance().get(c), 1e-13);
            }
            plan.infer(x, LENGTHS, null, given.shift(), statistics, y);
            plan.backwardFrozen(given.gradient(), x, LENGTHS, null, statistics, dx, null, dshift);
            double[] sums = new double[C];
            visit(Norm.BATCH, spec, LENGTHS, true, (i, set, c) -> {
                double rstd = 1 / Math.sqrt(statistics.variance().get(c));
                assertEquals((x.get(i) - statistics.mean().get(c)) * rstd + given.shift().get(c), y.get(i), 1e-13);
                assertEquals(given.gradient().get(i) * rstd, dx.get(i), 1e-13);
                sums[c] += given.gradient().get(i);
            });
            assertArrayEquals(sums, Given.values(dshift), 1e-12);
            visit(Norm.BATCH, spec, LENGTHS, false, (i, set, c) -> assertEquals(0.0, y.get(i) + dx.get(i)));
        }
    }

    /** More different packed specs than plans are kept. */
    @Test
    void everyLengthInTurn() {
        TensorSpec spec = TensorSpec.channelsLast(1, 100, 3).as(DataType.F64);
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor y = Tensor.allocate(spec);
        try (PaddedNorm.Plan plan = PaddedNorm.of(InstanceNorm.create()).plan(spec)) {
            for (int length = 0; length <= 100; length++) {
                plan.forward(x, Positions.lengths(100, length), given.scale(), given.shift(), y);
                double sum = 0;
                for (int p = 0; p < 100; p++) {
                    sum += y.get(p * 3L);
                    assertTrue(p < length || y.get(p * 3L) == 0);
                }
                assertEquals(length * given.shift().get(0), sum, 1e-10);
            }
        }
    }

    @Test
    void positionsAreCountedAndChecked() {
        assertEquals(16, LENGTHS.total());
        assertEquals(5, LENGTHS.count(0));
        assertEquals("16 valid of 4x9", LENGTHS.toString());
        Positions mask = Positions.mask(new boolean[] {false, true, true, false, true});
        assertEquals(3, mask.count(0));
        assertArrayEquals(new int[] {1, 3, 4, 5}, mask.runs(0));
        assertEquals(0, Positions.mask().samples());
        assertMessage("length of sample 1 is 10; it must be 0 to 9", () -> Positions.lengths(9, 9, 10));
        assertMessage("length of sample 0 is -1", () -> Positions.lengths(9, -1));
        assertMessage("mask of sample 1 has 2 positions; it must have 3",
                () -> Positions.mask(new boolean[3], new boolean[2]));
    }

    @Test
    void wrongArgumentsAreNamedAndNothingIsWritten() {
        TensorSpec spec = TensorSpec.channelsFirst(N, C, L);
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor y = Tensor.allocate(spec);
        PaddedNorm norm = Norm.INSTANCE.padded();
        PaddedNorm.Plan plan = norm.plan(spec);
        assertMessage("valid is 16 valid of 4x10; it must be of 4x9",
                () -> plan.forward(x, Positions.lengths(10, 5, 0, 9, 2), given.scale(), given.shift(), y));
        assertMessage("scale", () -> plan.forward(x, LENGTHS, x, given.shift(), y));
        assertMessage("y is", () -> plan.forward(x, LENGTHS, given.scale(), given.shift(), given.scale()));
        assertMessage("overlaps",
                () -> plan.forward(x, LENGTHS, given.scale(), Tensor.of(given.perChannel(), y.floats(), 7), y));
        assertThrows(NullPointerException.class, () -> plan.forward(x, null, given.scale(), given.shift(), y));
        assertThrows(NullPointerException.class, () -> plan.forward(x, LENGTHS, null, given.shift(), y));
        PaddedNorm.Saved saved = plan.forward(x, LENGTHS, given.scale(), given.shift(), Tensor.allocate(spec));
        assertMessage("dscale is", () -> plan.backward(x, x, given.scale(), saved, y, x, null));
        try (PaddedNorm.Plan other = Norm.LAYER.padded().plan(spec)) {
            assertMessage("saved is of", () -> other.backward(x, x, given.scale(), saved, y, null, null));
        }
        try (PaddedBatchNorm.Plan batch = PaddedBatchNorm.of(BatchNorm.create()).plan(spec)) {
            assertMessage("overlaps", () -> batch.infer(x, LENGTHS, given.scale(), given.shift(),
                    Statistics.meanAndRstd(Tensor.of(given.perChannel(), y.floats(), 7), given.scale()), y));
        }
        assertMessage("x is", () -> norm.plan(TensorSpec.rows(3, 4, 5)));
        assertMessage("x is", () -> norm.plan(TensorSpec.channelsLast(3, 4)));
        assertThrows(IllegalArgumentException.class, () -> PaddedNorm.of(LayerNorm.over(C + 1)).plan(spec));
        assertThrows(IllegalArgumentException.class, () -> PaddedNorm.of(GroupNorm.of(4)).plan(spec));
        plan.close();
        plan.close();
        assertThrows(IllegalStateException.class, () -> plan.forward(x, LENGTHS, given.scale(), given.shift(), y));
        assertArrayEquals(new double[N * C * L], Given.values(y));
    }

    private static void assertMessage(String part, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(part), message);
    }
}
