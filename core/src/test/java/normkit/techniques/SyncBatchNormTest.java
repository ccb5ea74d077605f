package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Synchronized batch norm against batch norm over the whole batch. */
class SyncBatchNormTest {

    /** The tensors of a step: y, dx, dγ, dβ, running mean, running variance. */
    private record Step(Tensor y, Tensor dx, Tensor dscale, Tensor dshift, RunningStatistics running) {

        static Step of(Given given) {
            return new Step(Tensor.allocate(given.x()), Tensor.allocate(given.x()), Tensor.allocate(given.perChannel()),
                    Tensor.allocate(given.perChannel()),
                    RunningStatistics.allocate(given.x().type(), given.x().channels()));
        }

        List<Tensor> all() {
            return List.of(y, dx, dscale, dshift, running.statistics().mean(), running.statistics().variance());
        }
    }

    private static Step whole(Given given) {
        Step step = Step.of(given);
        Statistics saved = Statistics.allocate(given.perChannel());
        try (BatchNorm.Plan plan = BatchNorm.create().plan(given.x())) {
            plan.train(given.data(), given.scale(), given.shift(), step.y, saved, step.running);
            plan.backward(given.gradient(), given.data(), given.scale(), saved, step.dx, step.dscale, step.dshift);
        }
        return step;
    }

    private static double near(TensorSpec x) {
        return x.type() == DataType.F32 ? 4e-6 : 1e-12;
    }

    /** A view of some samples. */
    private static Tensor samples(Tensor whole, long from, long to) {
        long[] shape = whole.spec().shape();
        long perSample = shape[0] == 0 ? 0 : whole.spec().elements() / shape[0];
        shape[0] = to - from;
        TensorSpec spec = TensorSpec.of(whole.spec().type(), whole.spec().layout(), shape);
        int offset = (int) (from * perSample);
        return whole.floats() != null
                ? Tensor.of(spec, whole.floats(), offset)
                : Tensor.of(spec, whole.doubles(), offset);
    }

    /** All participants in turn, each with the samples up to its end. */
    private static Step synchronizedOver(Given given, long... ends) {
        Step step = Step.of(given);
        Tensor x = given.data();
        Tensor dy = given.gradient();
        int channels = (int) given.x().channels();
        List<SyncBatchNorm.Plan> plans = new ArrayList<>();
        List<Tensor> parts = new ArrayList<>();
        ChannelMoments merged = ChannelMoments.allocate(channels);
        long from = 0;
        for (long to : ends) {
            parts.add(samples(x, from, to));
            plans.add(SyncBatchNorm.create().plan(parts.getLast().spec()));
            ChannelMoments local = ChannelMoments.allocate(channels);
            plans.getLast().moments(parts.getLast(), local);
            merged.merge(ChannelMoments.of(local.toBytes()));
            from = to;
        }
        ChannelGradients sums = ChannelGradients.allocate(channels);
        from = 0;
        for (int rank = 0; rank < ends.length; rank++) {
            plans.get(rank).normalize(parts.get(rank), given.scale(), given.shift(), merged,
                    samples(step.y, from, ends[rank]), rank == 0 ? step.running : null);
            ChannelGradients local = ChannelGradients.allocate(channels);
            plans.get(rank).gradients(samples(dy, from, ends[rank]), parts.get(rank), merged, local);
            sums.merge(ChannelGradients.of(local.toBytes()));
            from = ends[rank];
        }
        from = 0;
        for (int rank = 0; rank < ends.length; rank++) {
            plans.get(rank).backward(samples(dy, from, ends[rank]), parts.get(rank), given.scale(), merged, sums,
                    samples(step.dx, from, ends[rank]));
            from = ends[rank];
        }
        plans.getFirst().parameterGradients(sums, step.dscale, step.dshift);
        plans.forEach(SyncBatchNorm.Plan::close);
        return step;
    }

    private static void assertNear(TensorSpec spec, Step expected, Step actual, double scale) {
        for (int k = 0; k < expected.all().size(); k++) {
            double near = scale * near(spec) * (k == 2 || k == 3 ? (double) spec.elements() / spec.channels() : 1);
            assertArrayEquals(Given.values(expected.all().get(k)), Given.values(actual.all().get(k)), near);
        }
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void oneParticipantIsBatchNorm(TensorSpec spec) {
        Given given = new Given(spec);
        Step whole = whole(given);
        Step one = synchronizedOver(given, spec.batch());
        if (spec.type() == DataType.F32) {
            assertArrayEquals(whole.y.floats(), one.y.floats());
        }
        assertArrayEquals(Given.values(whole.running.statistics().mean()),
                Given.values(one.running.statistics().mean()));
        assertArrayEquals(Given.values(whole.running.statistics().variance()),
                Given.values(one.running.statistics().variance()));
        assertNear(spec, whole, one, spec.type() == DataType.F32 ? 1 : 0.01);
    }

    /** Unequal and empty parts, first and last among them. */
    @ParameterizedTest
    @MethodSource("normkit.techniques.Given#specs")
    void partsAreTheWhole(TensorSpec spec) {
        Given given = new Given(spec);
        long n = spec.batch();
        assertNear(spec, whole(given), synchronizedOver(given, 0, 1, 1, n, n), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F64"})
    void theWholeIsBatchNormByItsFormula(DataType type) {
        for (TensorSpec spec : Given.specs(type)) {
            Given given = new Given(spec);
            Tensor x = given.data();
            Step step = synchronizedOver(given, 1, spec.batch());
            int channels = (int) spec.channels();
            double count = (double) spec.elements() / channels;
            double[] mean = new double[channels];
            double[] variance = new double[channels];
            for (long i = 0; i < spec.elements(); i++) {
                mean[Given.channel(spec, i)] += x.get(i) / count;
            }
            for (long i = 0; i < spec.elements(); i++) {
                int c = Given.channel(spec, i);
                variance[c] += (x.get(i) - mean[c]) * (x.get(i) - mean[c]) / count;
            }
            for (long i = 0; i < spec.elements(); i++) {
                int c = Given.channel(spec, i);
                double expected = given.scale().get(c) * (x.get(i) - mean[c]) / Math.sqrt(variance[c] + 1e-5)
                        + given.shift().get(c);
                assertEquals(expected, step.y.get(i), near(spec));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("normkit.techniques.BatchRenormTest#smallSpecs")
    void gradientsAreSlopes(TensorSpec spec) {
        Given given = new Given(spec);
        Step step = synchronizedOver(given, 1, spec.batch());
        Tensor x = given.data();
        Tensor dy = given.gradient();
        Tensor y = Tensor.allocate(spec);
        try (BatchNorm.Plan plan = BatchNorm.create().plan(spec)) {
            assertTrue(Given.gradientError(x, step.dx, v -> {
                plan.train(x, given.scale(), given.shift(), y, Statistics.NONE, null);
                return Given.dot(y, dy);
            }) < 1e-6);
        }
    }

    @Test
    void mergingIsWeightedByCountAndTheEmptyBatchIsNeutral() {
        ChannelMoments empty = ChannelMoments.allocate(1);
        ChannelMoments merged = ChannelMoments.allocate(1);
        merged.merge(empty);
        assertEquals(0, merged.count());
        ChannelMoments two = ChannelMoments.allocate(1);
        two.set(2, new double[] {2}, new double[] {1}); // 1, 3
        ChannelMoments six = ChannelMoments.allocate(1);
        six.set(6, new double[] {6}, new double[] {0}); // six times 6
        merged.merge(two);
        merged.merge(empty);
        assertEquals(2, merged.mean(0));
        merged.merge(six);
        assertEquals(8, merged.count());
        assertEquals(5, merged.mean(0));
        assertEquals((16 + 4 + 6) / 8.0, merged.variance(0)); // (1−5)², (3−5)², 6·(6−5)²
    }

    @Test
    void anEmptyPartKeepsRunningStatisticsInStepAndAnEmptyBatchLeavesThem() {
        TensorSpec none = TensorSpec.channelsLast(0, 2);
        Given given = new Given(none);
        ChannelMoments moments = ChannelMoments.allocate(2);
        RunningStatistics running = RunningStatistics.allocate(DataType.F32, 2);
        try (SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(none)) {
            plan.normalize(given.data(), given.scale(), given.shift(), moments, Tensor.allocate(none), running);
            assertEquals(0, running.batches());
            moments.set(4, new double[] {1, 2}, new double[] {3, 6});
            plan.normalize(given.data(), given.scale(), given.shift(), moments, Tensor.allocate(none), running);
        }
        assertEquals(1, running.batches());
        assertEquals(0.1f, running.statistics().mean().get(0));
        assertEquals((float) (0.9 + 0.1 * 8), running.statistics().variance().get(1)); // 6·4/3
    }

    @Test
    void bytesComeBackToTheBit() {
        ChannelMoments moments = ChannelMoments.allocate(3);
        moments.set(Long.MAX_VALUE, new double[] {-1e-310, Double.NaN, 1.0 / 3}, new double[] {0, Double.NaN, 1e300});
        byte[] bytes = moments.toBytes();
        assertEquals(18 + 16 * 3, bytes.length);
        assertEquals("NKCM", new String(bytes, 0, 4, StandardCharsets.US_ASCII));
        ChannelMoments again = ChannelMoments.of(bytes);
        assertEquals(Long.MAX_VALUE, again.count());
        assertArrayEquals(bytes, again.toBytes());
        ChannelGradients sums = ChannelGradients.allocate(2);
        sums.set(new double[] {1, -2}, new double[] {Double.NEGATIVE_INFINITY, 0.1});
        assertArrayEquals(sums.toBytes(), ChannelGradients.of(sums.toBytes()).toBytes());
        assertEquals(10 + 16 * 2, sums.toBytes().length);
        assertEquals(0, ChannelMoments.of(ChannelMoments.allocate(0).toBytes()).channels());
    }

    /** Every length but the right one, and every way to spoil a field. */
    @Test
    void damagedBytesAreRejected() {
        ChannelMoments moments = ChannelMoments.allocate(2);
        moments.set(5, new double[] {1, 2}, new double[] {3, 4});
        byte[] bytes = moments.toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] some = Arrays.copyOf(bytes, length);
            assertMessage("truncated", () -> ChannelMoments.of(some));
        }
        assertMessage("too long", () -> ChannelMoments.of(Arrays.copyOf(bytes, bytes.length + 1)));
        assertMessage("the first four bytes are 4e4b4347; they must be 4e4b434d",
                () -> ChannelMoments.of(ChannelGradients.allocate(2).toBytes()));
        assertMessage("the first four bytes", () -> ChannelGradients.of(bytes));
        assertMessage("version is 2; this library reads version 1",
                () -> ChannelMoments.of(spoiled(bytes, 4, (byte) 0, (byte) 2)));
        assertMessage("channels is -1", () -> ChannelMoments.of(spoiled(bytes, 6, ints(-1))));
        assertMessage("truncated", () -> ChannelMoments.of(spoiled(bytes, 6, ints(Integer.MAX_VALUE))));
        assertMessage("count is -5", () -> ChannelMoments.of(spoiled(bytes, 10, longs(-5))));
        assertMessage("channel 0 has mean 1.0 and variance 3.0; both must be 0",
                () -> ChannelMoments.of(spoiled(bytes, 10, longs(0))));
        assertMessage("variance of channel 1 is -4.0",
                () -> ChannelMoments.of(spoiled(bytes, 18 + 24, longs(Double.doubleToLongBits(-4)))));
        assertThrows(NullPointerException.class, () -> ChannelMoments.of(null));
    }

    private static byte[] ints(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] longs(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private static byte[] spoiled(byte[] bytes, int at, byte... with) {
        byte[] spoiled = bytes.clone();
        System.arraycopy(with, 0, spoiled, at, with.length);
        return spoiled;
    }

    @Test
    void wrongArgumentsAreNamedAndNothingIsWritten() {
        TensorSpec spec = TensorSpec.channelsFirst(2, 3, 4);
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor y = Tensor.allocate(spec);
        ChannelMoments moments = ChannelMoments.allocate(3);
        ChannelGradients sums = ChannelGradients.allocate(3);
        SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(spec);
        assertMessage("merged are the moments of the empty batch",
                () -> plan.normalize(x, given.scale(), given.shift(), moments, y, null));
        assertMessage("local has 2 channels; it must have 3", () -> plan.moments(x, ChannelMoments.allocate(2)));
        assertMessage("other has 2 channels", () -> moments.merge(ChannelMoments.allocate(2)));
        assertMessage("other has 2 channels", () -> sums.merge(ChannelGradients.allocate(2)));
        plan.moments(x, moments);
        assertMessage("sums has 2 channels",
                () -> plan.backward(y, x, given.scale(), moments, ChannelGradients.allocate(2), y));
        assertMessage("dscale", () -> plan.parameterGradients(sums, x, null));
        assertThrows(NullPointerException.class, () -> plan.backward(y, x, given.scale(), moments, sums, null));
        assertArrayEquals(new double[24], Given.values(y));
        plan.close();
        assertThrows(IllegalStateException.class,
                () -> plan.normalize(x, given.scale(), given.shift(), moments, y, null));
        assertArrayEquals(new double[24], Given.values(y));
    }

    private static void assertMessage(String part, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(part), message);
    }

    /** Every rank a JVM of its own, which talks through its pipes; the parent only passes bytes on. */
    @ParameterizedTest
    @ValueSource(strings = {"F32", "F64"})
    void processesTogetherAreOneBatchNorm(DataType type) throws Exception {
        Given given = SyncParticipant.given(type);
        long[] ends = {3, 3, 4, 8};
        List<SyncParticipant.Child> ranks = new ArrayList<>();
        try {
            for (int rank = 0; rank < ends.length; rank++) {
                ranks.add(SyncParticipant.start(type, rank == 0 ? 0 : ends[rank - 1], ends[rank]));
            }
            SyncParticipant.exchange(ranks);
            SyncParticipant.exchange(ranks);
            Step expected = synchronizedOver(given, ends);
            ByteBuffer y = ByteBuffer.wrap(SyncParticipant.gather(ranks));
            ByteBuffer dx = ByteBuffer.wrap(SyncParticipant.gather(ranks));
            for (long i = 0; i < given.x().elements(); i++) {
                assertEquals(expected.y.get(i), y.getDouble());
                assertEquals(expected.dx.get(i), dx.getDouble());
            }
            for (SyncParticipant.Child rank : ranks) {
                ByteBuffer running = ByteBuffer.wrap(rank.receive());
                for (int c = 0; c < given.x().channels(); c++) {
                    assertEquals(expected.running.statistics().mean().get(c), running.getDouble());
                    assertEquals(expected.running.statistics().variance().get(c), running.getDouble());
                }
                assertEquals(0, rank.process().waitFor());
            }
            assertNear(given.x(), whole(given), expected, 1);
        } finally {
            ranks.forEach(rank -> rank.process().destroyForcibly());
        }
    }
}
