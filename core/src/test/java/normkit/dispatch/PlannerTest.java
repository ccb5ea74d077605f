package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import normkit.dispatch.Decision.Answer;
import normkit.dispatch.Decision.Source;
import normkit.scalar.ScalarBackend;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Cost;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** Whom a planner asks and whom it chooses, of backends whose costs and times are known. */
class PlannerTest {

    private static final Request MEASURE = Request.DEFAULT.effort(Effort.MEASURE);
    private static final Cost CHEAP_CALLS = Cost.perKiB(10, 20, 40).perCall(100);
    private static final Cost CHEAP_BYTES = Cost.perKiB(5, 10, 20).perCall(5000);
    private static final Problem SMALL = rows(1, 256);
    private static final Problem LARGE = rows(4096, 256);

    private long now;

    private static Problem rows(long rows, long length) {
        return new Problem(Operation.LAYER_NORM, Pass.FORWARD, TensorSpec.rows(rows, length), 1, 0, true, true, 1e-5);
    }

    /** Runs as the portable backend, at a price, in a time and perhaps wrong; counts who asks. */
    private class Fake implements Backend {

        private final String name;
        private final int priority;
        private final Cost cost;
        private Cost forecast;
        private boolean exact = true;
        private boolean onlyByName;
        private String refusal;
        private String reason;
        private long nanoseconds = 20_000_000;
        private double error;
        private boolean idle;
        private int probes;
        private int executions;

        Fake(String name, int priority, Cost cost) {
            this.name = name;
            this.priority = priority;
            this.cost = cost;
        }

        Fake taking(long ns) {
            nanoseconds = ns;
            return this;
        }

        Fake forecasting(Cost expected) {
            forecast = expected;
            return this;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public boolean exact() {
            return exact;
        }

        @Override
        public boolean onlyByName() {
            return onlyByName;
        }

        @Override
        public Availability probe() {
            probes++;
            return refusal == null ? new Availability.Available("here") : new Availability.Unavailable(refusal);
        }

        @Override
        public Optional<Support> forecast(Problem problem) {
            return Optional.ofNullable(forecast).map(c -> new Support.Supported(name + " perhaps", c));
        }

        @Override
        public Support supports(Problem problem) {
            return reason != null ? new Support.Declined(reason) : new Support.Supported(name + " kernels", cost);
        }

        @Override
        public Execution prepare(Problem problem) {
            Execution execution = new ScalarBackend().prepare(problem);
            return new Execution() {
                @Override
                public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
                    executions++;
                    now += nanoseconds;
                    if (idle) {
                        return;
                    }
                    execution.forward(x, scale, shift, statistics, y);
                    y.set(0, y.get(0) + error);
                }

                @Override
                public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
                        Tensor dshift) {
                    execution.backward(dy, x, scale, statistics, dx, dscale, dshift);
                    dscale.set(0, dscale.get(0) + error);
                    now += nanoseconds;
                }

                @Override
                public void close() {
                    execution.close();
                }
            };
        }
    }

    private Planner planner(Wisdom wisdom, Backend... backends) {
        return new Planner(new Roster(Arrays.asList(backends), List.of()), wisdom, new Caches(1 << 20, 32 << 20),
                () -> now, Duration.ofMillis(50));
    }

    private Planner planner(Backend... backends) {
        return planner(new Wisdom(null, "here"), backends);
    }

    @Test
    void theEstimateGoesByCallsOrByBytes() {
        Planner planner = planner(new Fake("calls", 1, CHEAP_CALLS), new Fake("bytes", 2, CHEAP_BYTES));
        Decision small = planner.decide(SMALL, Request.DEFAULT);
        assertEquals("calls", small.chosen().name());
        assertEquals("calls kernels", small.implementation());
        assertEquals(Source.ESTIMATE, small.source());
        // 100 for the call, and x and y, 1 KiB each, in the cache.
        assertEquals(100 + 10 * 2, small.nanoseconds());
        Decision large = planner.decide(LARGE, Request.DEFAULT);
        assertEquals("bytes", large.chosen().name());
        // 8 MiB of traffic: one in the second level, seven in the third.
        assertEquals(5000 + 1024 * 5 + 7 * 1024 * 10, large.nanoseconds());
    }

    @Test
    void everyTermOfACostCounts() {
        Cost cost = new Cost(1, 100, 10_000, 0, 0, 0, 0.5, 0.125, 0.25, 1, 7);
        CostModel model = new CostModel(new Caches(1 << 10, 1 << 20));
        // 3 rows of 512 are 6 KiB each way; a row of 2 KiB is larger than the cache.
        Problem forward = rows(3, 512);
        assertEquals(1 + 3 * 100 + 0.5 * 12, model.nanoseconds(forward, cost, Request.DEFAULT));
        assertEquals(1 + 3 * 100 + 0.5 * 12 + 0.25 * 12,
                model.nanoseconds(forward, cost, Request.DEFAULT.carrier(Carrier.HEAP)));
        Request two = new Request(null, Effort.ESTIMATE, Carrier.NATIVE, new Parallelism(Runnable::run, 2), false);
        assertEquals(1 + 7 + (3 * 100 + 0.5 * 12) / 2, model.nanoseconds(forward, cost, two));
        assertEquals(1 + 3 * 100 + 0.5 * 12, model.nanoseconds(forward, cost.perTeam(154), two));
        Problem backward = new Problem(Operation.LAYER_NORM, Pass.BACKWARD, forward.x(), 1, 0, true, true, 1e-5);
        assertEquals(1 + 3 * 100 + 512 * 10_000 + 0.5 * 18, model.nanoseconds(backward, cost, Request.DEFAULT));
        TensorSpec wide = forward.x().as(DataType.F64);
        Problem f64 = new Problem(Operation.LAYER_NORM, Pass.FORWARD, wide, 1, 0, true, true, 1e-5);
        assertEquals(1 + 3 * 100 + 0.5 * 24, model.nanoseconds(f64, cost, Request.DEFAULT));
        assertTrue(Double.isNaN(model.nanoseconds(f64, Cost.UNKNOWN, Request.DEFAULT)));
        CostModel mesh = new CostModel(new Caches(1 << 10, 128 << 20));
        // All but the KiB that fits.
        assertEquals(1 + 3 * 100 + 0.5 * 12 + 0.125 * 11, mesh.nanoseconds(forward, cost, Request.DEFAULT));
    }

    @Test
    void amountsFollowGeometry() {
        CostModel model = new CostModel(new Caches(1 << 20, 32 << 20));
        assertEquals(6, model.amounts(batchNorm(TensorSpec.channelsFirst(2, 3, 8, 8)))[1]);
        assertEquals(3, model.amounts(batchNorm(TensorSpec.channelsLast(2, 8, 8, 3)))[1]);
        assertEquals(3, model.amounts(batchNorm(TensorSpec.channelsFirst(2, 3)))[1]);
        double[] big = model.amounts(batchNorm(TensorSpec.channelsLast(64, 64, 64, 64)));
        // 64 MiB each way.
        assertEquals(1 << 10, big[3]);
        assertEquals(31 << 10, big[4]);
        assertEquals(96 << 10, big[5]);
    }

    private static Problem batchNorm(TensorSpec x) {
        return new Problem(Operation.BATCH_NORM, Pass.FORWARD, x, 0, 0, true, true, 1e-5);
    }

    @Test
    void whoWouldNotWinByItsOwnForecastIsNotProbed() {
        Fake slow = new Fake("slow", 5, CHEAP_CALLS).forecasting(CHEAP_BYTES);
        Fake fast = new Fake("fast", 1, CHEAP_CALLS);
        Decision decision = planner(fast, slow).decide(SMALL, Request.DEFAULT);
        assertEquals("fast", decision.chosen().name());
        assertEquals(0, slow.probes);
        assertEquals(1, fast.probes);
        assertEquals(Answer.UNASKED, decision.candidates().getFirst().answer());
        // Explaining asks.
        assertTrue(decision.explain().contains("\n  slow: supported, slow kernels, 120 ns estimated"),
                decision.explain());
        assertEquals(1, slow.probes);
    }

    @Test
    void aForecastDoesNotWinWithoutBeingAsked() {
        Fake boaster = new Fake("boaster", 5, CHEAP_BYTES).forecasting(Cost.perKiB(0, 0, 0));
        Fake absent = new Fake("absent", 6, CHEAP_CALLS).forecasting(Cost.perKiB(0, 0, 0));
        absent.refusal = "not built";
        Decision decision = planner(boaster, absent, new Fake("honest", 1, CHEAP_CALLS)).decide(SMALL, Request.DEFAULT);
        assertEquals("honest", decision.chosen().name());
        assertEquals(1, boaster.probes);
        assertEquals("not available: not built", decision.candidates().getFirst().detail());
    }

    @Test
    void equalCostsAndUnknownOnesGoByPriority() {
        Planner equal = planner(new Fake("second", 1, CHEAP_CALLS), new Fake("first", 2, CHEAP_CALLS));
        assertEquals("first", equal.decide(SMALL, Request.DEFAULT).chosen().name());
        Planner unknown = planner(new Fake("known", 1, CHEAP_CALLS), new Fake("unknown", 2, Cost.UNKNOWN));
        assertEquals("unknown", unknown.decide(SMALL, Request.DEFAULT).chosen().name());
        assertEquals(Source.PRIORITY, unknown.decide(SMALL, Request.DEFAULT).source());
        Planner low = planner(new Fake("known", 3, CHEAP_CALLS), new Fake("unknown", 2, Cost.UNKNOWN));
        assertEquals("known", low.decide(SMALL, Request.DEFAULT).chosen().name());
    }

    @Test
    void tensorsOnTheHeapChargeForCopies() {
        Fake copying = new Fake("copying", 1, Cost.perKiB(1, 1, 1).staged(1000));
        Planner planner = planner(copying, new Fake("heap", 2, CHEAP_CALLS));
        Decision there = planner.decide(SMALL, Request.DEFAULT);
        assertEquals("copying", there.chosen().name());
        assertTrue(there.explain().contains("; add 2.00 us to copy arrays to native memory and back"), there.explain());
        assertEquals("heap", planner.decide(SMALL, Request.DEFAULT.carrier(Carrier.HEAP)).chosen().name());
    }

    @Test
    void aForcedBackendIsTheOnlyOneProbed() {
        Fake other = new Fake("other", 9, CHEAP_CALLS);
        Fake named = new Fake("named", 1, CHEAP_BYTES);
        Decision decision = planner(other, named).decide(SMALL, Request.DEFAULT.backend("named"));
        assertEquals("named", decision.chosen().name());
        assertEquals(Source.FORCED, decision.source());
        assertEquals(0, other.probes);
    }

    @Test
    void whoRunsOnlyByNameIsNotACandidateOtherwise() {
        Fake peer = new Fake("peer", 9, Cost.perKiB(0, 0, 0)).taking(1_000);
        peer.onlyByName = true;
        Fake own = new Fake("own", 1, CHEAP_CALLS);
        Fake second = new Fake("second", 2, CHEAP_CALLS);
        Wisdom wisdom = new Wisdom(null, "here");
        wisdom.remember(Wisdom.key(LARGE, Request.DEFAULT), new Verdict(Map.of("peer", 1.0, "own", 2.0)));
        Planner planner = planner(wisdom, peer, own, second);
        for (Decision decision : List.of(planner.decide(SMALL, Request.DEFAULT), planner.decide(SMALL, MEASURE),
                planner.decide(LARGE, Request.DEFAULT), planner.decide(SMALL, Request.DEFAULT.backend("own")))) {
            assertNotEquals("peer", decision.chosen().name());
            assertFalse(decision.explain().contains("peer"), decision.explain());
        }
        assertEquals(0, peer.probes);
        assertEquals(0, peer.executions);
        Decision forced = planner.decide(SMALL, Request.DEFAULT.backend("peer"));
        assertEquals("peer", forced.chosen().name());
        assertEquals(List.of("peer", "second", "own"),
                forced.candidates().stream().map(Decision.Candidate::backend).toList());
        assertThrows(IllegalStateException.class, () -> planner(peer).decide(SMALL, Request.DEFAULT));
    }

    @Test
    void backendsOfOtherBitsAreLeftOutOnRequest() {
        Fake rough = new Fake("rough", 2, Cost.perKiB(0, 0, 0));
        rough.exact = false;
        Wisdom wisdom = new Wisdom(null, "here");
        wisdom.remember(Wisdom.key(SMALL, Request.DEFAULT), new Verdict(Map.of("rough", 1.0, "exact", 2.0)));
        Request exact = Request.DEFAULT.exact(true);
        for (Wisdom known : List.of(new Wisdom(null, "here"), wisdom)) {
            Planner planner = planner(known, rough, new Fake("exact", 1, CHEAP_CALLS));
            assertEquals("exact", planner.decide(SMALL, exact).chosen().name());
            assertEquals(0, rough.probes);
            assertTrue(assertThrows(IllegalStateException.class, () -> planner.decide(SMALL, exact.backend("rough")))
                    .getMessage().contains("not the defined ones to the last bit"));
        }
        assertEquals("rough", planner(wisdom, rough).decide(SMALL, Request.DEFAULT).chosen().name());
    }

    @Test
    void nobodyIsAnErrorWithAllReasons() {
        Fake absent = new Fake("absent", 1, CHEAP_CALLS);
        absent.refusal = "not built";
        Fake choosy = new Fake("choosy", 2, CHEAP_CALLS);
        choosy.reason = "not today";
        String message =
                assertThrows(IllegalStateException.class, () -> planner(absent, choosy).decide(SMALL, Request.DEFAULT))
                        .getMessage();
        assertTrue(message.contains("choosy: not today") && message.contains("absent: not available: not built"),
                message);
    }

    @Test
    void measuringFindsTheFastestWhateverTheEstimateAndRemembersIt() {
        Fake pretender = new Fake("pretender", 1, Cost.perKiB(1, 1, 1).perCall(1000)).taking(3_000_000);
        Fake runner = new Fake("runner", 2, CHEAP_BYTES).taking(2_000_000);
        Wisdom wisdom = new Wisdom(null, "here");
        Planner planner = planner(wisdom, pretender, runner);
        Decision measured = planner.decide(SMALL, MEASURE);
        assertEquals("runner", measured.chosen().name());
        assertEquals(Source.MEASURED, measured.source());
        assertEquals(2_000_000, measured.nanoseconds());
        assertTrue(measured.explain().contains("pretender: supported, pretender kernels, 3.00 ms measured"),
                measured.explain());
        int executions = runner.executions;
        for (Request request : List.of(MEASURE, Request.DEFAULT)) {
            Decision remembered = planner.decide(SMALL, request);
            assertEquals("runner", remembered.chosen().name());
            assertEquals(Source.WISDOM, remembered.source());
            assertEquals(2_000_000, remembered.nanoseconds());
        }
        assertEquals(executions, runner.executions);
        // Another problem, carrier or degree is another matter.
        assertEquals(Source.ESTIMATE, planner.decide(LARGE, Request.DEFAULT).source());
        assertEquals(Source.ESTIMATE, planner.decide(SMALL, Request.DEFAULT.carrier(Carrier.HEAP)).source());
    }

    @Test
    void wisdomAsksOnlyTheWinnerAndPassesOverTheUnable() {
        Problem problem = SMALL;
        Wisdom wisdom = new Wisdom(null, "here");
        wisdom.remember(Wisdom.key(problem, Request.DEFAULT),
                new Verdict(Map.of("gone", 1.0, "unable", 2.0, "able", 3.0, "slow", 4.0)));
        Fake unable = new Fake("unable", 1, CHEAP_CALLS);
        unable.reason = "not with this epsilon";
        Fake slow = new Fake("slow", 9, CHEAP_CALLS);
        Decision decision =
                planner(wisdom, unable, new Fake("able", 2, CHEAP_CALLS), slow).decide(problem, Request.DEFAULT);
        assertEquals("able", decision.chosen().name());
        assertEquals(Source.WISDOM, decision.source());
        assertEquals(3.0, decision.nanoseconds());
        assertEquals(0, slow.probes);
    }

    @Test
    void aWrongBackendIsNotTimedNorChosen() {
        for (Pass pass : List.of(Pass.FORWARD, Pass.BACKWARD)) {
            Problem problem = new Problem(Operation.LAYER_NORM, pass, TensorSpec.rows(3, 256), 1, 0, true, true, 1e-5);
            Fake wrong = new Fake("wrong", 2, CHEAP_CALLS).taking(10_000_000);
            wrong.error = 0.05;
            Fake scalar = new Fake("scalar", 1, CHEAP_CALLS).taking(40_000_000);
            Decision decision = planner(scalar, wrong, new Fake("right", 0, CHEAP_CALLS)).decide(problem, MEASURE);
            assertEquals("right", decision.chosen().name());
            assertTrue(decision.explain().contains("\n  wrong: declined, its result is wrong: "), decision.explain());
            wrong.error = 1e-6;
            assertEquals("wrong", planner(scalar, wrong).decide(problem, MEASURE).chosen().name());
        }
    }

    @Test
    void aBackendThatWritesNothingDoesNotPassForRightByResultsOfOthers() {
        Fake idle = new Fake("idle", 2, CHEAP_CALLS).taking(10_000_000);
        idle.idle = true;
        Decision decision = planner(new Fake("scalar", 1, CHEAP_CALLS), idle).decide(SMALL, MEASURE);
        assertEquals("scalar", decision.chosen().name());
        assertTrue(decision.explain().contains("idle: declined, its result is wrong: NaN instead of"));
    }

    @Test
    void aBackendThatFailsIsNotChosen() {
        Fake failing = new Fake("failing", 2, CHEAP_CALLS) {
            @Override
            public Execution prepare(Problem problem) {
                throw new UnsupportedOperationException("after all");
            }
        };
        Fake scalar = new Fake("scalar", 1, CHEAP_CALLS);
        Decision decision = planner(scalar, failing).decide(SMALL, MEASURE);
        assertEquals("scalar", decision.chosen().name());
        assertTrue(decision.explain().contains("it failed: java.lang.UnsupportedOperationException: after all"));
    }

    @Test
    void whoIsHopelessByItsEstimateIsNotTimed() {
        Fake hopeless = new Fake("hopeless", 3, CHEAP_CALLS.perCall(1_000_000)).taking(1_000_000);
        Decision decision =
                planner(new Fake("one", 1, CHEAP_CALLS), new Fake("two", 2, CHEAP_CALLS).taking(10_000_000), hopeless)
                        .decide(SMALL, MEASURE);
        assertEquals("two", decision.chosen().name());
        assertEquals(0, hopeless.executions);
    }

    @Test
    void oneCandidateOrNoDataIsNotTimed() {
        Fake only = new Fake("only", 2, CHEAP_CALLS);
        assertEquals(Source.ONLY, planner(only).decide(SMALL, MEASURE).source());
        Decision empty = planner(only, new Fake("other", 1, CHEAP_BYTES)).decide(rows(0, 256), MEASURE);
        assertEquals(Source.ESTIMATE, empty.source());
        assertEquals(0, only.executions);
    }

    @Test
    void theKeyOfAProblemHasAllThatDecidesItsTime() {
        Problem group = new Problem(Operation.GROUP_NORM, Pass.BACKWARD, TensorSpec.channelsLast(2, 5, 6), 0, 3, true,
                false, 1e-5);
        assertEquals("group_norm backward F32 CHANNELS_LAST 2x5x6 groups 3 scale, 1 thread, native",
                Wisdom.key(group, Request.DEFAULT));
        Problem axes =
                new Problem(Operation.LAYER_NORM, Pass.FORWARD, TensorSpec.rows(2, 5, 6), 2, 0, false, true, 1e-3);
        assertEquals("layer_norm forward F32 ROWS 2x5x6 over 2 axes shift, 3 threads, heap", Wisdom.key(axes,
                new Request(null, Effort.MEASURE, Carrier.HEAP, new Parallelism(Runnable::run, 3), false)));
        Problem other = new Problem(axes.operation(), axes.pass(), axes.x(), 2, 0, false, true, 1e-5);
        assertFalse(axes.equals(other));
        assertEquals(Wisdom.key(axes, Request.DEFAULT), Wisdom.key(other, Request.DEFAULT));
    }

    @Test
    void requestsAreChecked() {
        assertThrows(NullPointerException.class, () -> Request.DEFAULT.parallel(null));
        assertThrows(NullPointerException.class, () -> Request.DEFAULT.effort(null));
        assertThrows(NullPointerException.class, () -> Request.DEFAULT.carrier(null));
    }
}
