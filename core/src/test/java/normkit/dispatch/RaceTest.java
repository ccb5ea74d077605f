package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** How a race is decided, with a clock that only the contenders move. */
class RaceTest {

    private static final long MILLI = 1_000_000;
    /** Runs of a turn: one that is not timed, and three samples of one each, if it takes a millisecond at least. */
    private static final int TURN = 1 + 3;
    /** Windows of warmup of whoever always takes the same time: the first is a gain, and those after it are not. */
    private static final int WINDOWS = 1 + 8;

    private long now;

    /** Takes as long as a function of the number of runs before tells. */
    private final class Runner implements Runnable {

        private final LongUnaryOperator time;
        private double expected = Double.NaN;
        private long runs;

        Runner(LongUnaryOperator time) {
            this.time = time;
        }

        @Override
        public void run() {
            now += time.applyAsLong(runs++);
        }
    }

    private Duration settling = Duration.ZERO;

    private static Race.Limits limits(boolean toTheEnd) {
        return limits(Duration.ZERO, toTheEnd);
    }

    private static Race.Limits limits(Duration least, boolean toTheEnd) {
        return new Race.Limits(Duration.ofMillis(10), 24, Duration.ofMillis(1), 5, least, 40, Duration.ofSeconds(10),
                toTheEnd);
    }

    private Verdict race(Race.Limits limits, Runner... runners) {
        List<Race.Contender> contenders = new ArrayList<>();
        for (Runner runner : runners) {
            contenders.add(new Race.Contender("runner" + contenders.size(), runner, runner.expected));
        }
        return new Race(() -> now, limits).run(contenders, settling);
    }

    @Test
    void theFastestComesFirstWithItsTime() {
        Verdict verdict = race(limits(false), new Runner(i -> 3 * MILLI), new Runner(i -> 2 * MILLI));
        assertEquals(List.of("runner1", "runner0"), List.copyOf(verdict.nanoseconds().keySet()));
        assertEquals(2.0 * MILLI, verdict.nanoseconds().get("runner1"));
        assertEquals(3.0 * MILLI, verdict.nanoseconds().get("runner0"));
    }

    @Test
    void itEndsAsSoonAsItIsDecided() {
        Runner fast = new Runner(i -> 2 * MILLI);
        Runner slow = new Runner(i -> 3 * MILLI);
        race(limits(false), fast, slow);
        // Two rounds have five samples and more.
        assertEquals(WINDOWS * 5 + 2 * TURN, fast.runs);
        assertEquals(WINDOWS * 4 + 2 * TURN, slow.runs);
    }

    @Test
    void itIsNotDecidedBeforeTheLeastTime() {
        Runner fast = new Runner(i -> 2 * MILLI);
        Runner slow = new Runner(i -> 3 * MILLI);
        // Which ends within the sixth round.
        race(limits(Duration.ofMillis(5 * TURN * (2 + 3) + 1), false), fast, slow);
        assertEquals(WINDOWS * 5 + 6 * TURN, fast.runs);
    }

    @Test
    void itGoesOnToTheEndIfToldTo() {
        Runner fast = new Runner(i -> 2 * MILLI);
        Runner slow = new Runner(i -> 3 * MILLI);
        race(limits(true), fast, slow);
        assertEquals(WINDOWS * 5 + 40 * TURN, fast.runs);
        assertEquals(WINDOWS * 4 + 40 * TURN, slow.runs);
    }

    @Test
    void whatIsNotDecidedGoesOnUntilTheRoundsOrTheBudgetEnd() {
        Runner one = new Runner(i -> 2 * MILLI);
        race(limits(false), one, new Runner(i -> 2 * MILLI));
        assertEquals(WINDOWS * 5 + 40 * TURN, one.runs);
        Runner other = new Runner(i -> 2 * MILLI);
        Race.Limits brief = new Race.Limits(Duration.ofMillis(10), 24, Duration.ofMillis(1), 5, Duration.ZERO, 40,
                Duration.ofMillis(7 * 2 * TURN * 2), false);
        race(brief, other, new Runner(i -> 2 * MILLI));
        assertEquals(WINDOWS * 5 + 7 * TURN, other.runs);
    }

    @Test
    void whatTheOneBeforeHasLeftRunningIsNotTimed() {
        long[] free = {0};
        Runner spinning = new Runner(i -> {
            free[0] = now + 20 * MILLI;
            return 4 * MILLI;
        });
        // Twice as slow while the other, which is done with a run of 4 ms, spins for 16 ms more.
        Runner disturbed = new Runner(i -> now < free[0] ? 6 * MILLI : 3 * MILLI);
        assertEquals(6.0 * MILLI, race(limits(true), spinning, disturbed).nanoseconds().get("runner1"));
        settling = Duration.ofMillis(10);
        assertEquals(3.0 * MILLI, race(limits(true), spinning, disturbed).nanoseconds().get("runner1"));
    }

    @Test
    void whatTheOneBeforeHasLeftInTheCachesIsNotTimed() {
        int[] cached = {0};
        Runner streaming = new Runner(i -> {
            cached[0] = 0;
            return 3 * MILLI;
        });
        // Twice as slow for two runs after the other, which has left its memory in no cache: of four, one is not timed.
        Runner caching = new Runner(i -> {
            cached[0]++;
            return cached[0] > 2 ? 2 * MILLI : 4 * MILLI;
        });
        Verdict verdict = race(limits(true), streaming, caching);
        assertEquals(List.of("runner1", "runner0"), List.copyOf(verdict.nanoseconds().keySet()));
        assertEquals(2.0 * MILLI, verdict.nanoseconds().get("runner1"));
    }

    @Test
    void disturbancesDoNotDecide() {
        // The fast one is hit by something slow in two runs of five.
        Runner fast = new Runner(i -> i % 5 < 2 ? 25 * MILLI : 2 * MILLI);
        Runner slow = new Runner(i -> 3 * MILLI);
        Verdict verdict = race(limits(true), fast, slow);
        assertEquals("runner0", verdict.nanoseconds().keySet().iterator().next());
        assertEquals(2.0 * MILLI, verdict.nanoseconds().get("runner0"));
    }

    @Test
    void whatIsCompiledLateIsNotJudgedByWhatWasBefore() {
        // Slow during warmup and its first turn, as if only then compiled.
        Runner late = new Runner(i -> i < WINDOWS + TURN ? 15 * MILLI : MILLI);
        Runner steady = new Runner(i -> 2 * MILLI);
        Verdict verdict = race(limits(false), late, steady);
        assertEquals("runner0", verdict.nanoseconds().keySet().iterator().next());
        assertEquals((double) MILLI, verdict.nanoseconds().get("runner0"));
    }

    @Test
    void aQuietMomentDoesNotDecide() {
        // In the three samples of its last turn.
        Runner lucky = new Runner(i -> (i <= WINDOWS + 39 * TURN ? 10 : 6) * MILLI);
        Verdict verdict = race(limits(true), lucky, new Runner(i -> 9 * MILLI));
        assertEquals(WINDOWS + 40 * TURN, lucky.runs);
        assertEquals(List.of("runner1", "runner0"), List.copyOf(verdict.nanoseconds().keySet()));
        assertEquals(10.0 * MILLI, verdict.nanoseconds().get("runner0"));
    }

    @Test
    void whoIsMuchSlowerThanExpectedWarmsUpLonger() {
        // Compiled after 20 windows, far from expectation until then and far behind the other.
        Runner late = new Runner(i -> i < 20 ? 30 * MILLI : MILLI);
        late.expected = MILLI;
        Verdict verdict = race(limits(false), late, new Runner(i -> 2 * MILLI));
        assertEquals((double) MILLI, verdict.nanoseconds().get("runner0"));
        Runner never = new Runner(i -> 30 * MILLI);
        never.expected = MILLI;
        race(limits(false), never, new Runner(i -> 2 * MILLI));
        assertEquals(2 * 24, never.runs);
    }

    @Test
    void anUpsetIsRacedOnceMore() {
        // Warmup, in windows of four runs, and two rounds: the whole of the first race.
        Runner disturbed = new Runner(i -> i < WINDOWS * 4 + 2 * TURN ? 3 * MILLI : 3 * MILLI / 2);
        assertWinsTheSecondRace(disturbed);
    }

    @Test
    void aNarrowUpsetIsRacedOnceMoreToo() {
        // As above, but lost by one part in a hundred.
        Runner disturbed = new Runner(i -> (i < WINDOWS * 5 + 2 * TURN ? 202 : 150) * MILLI / 100);
        assertWinsTheSecondRace(disturbed);
    }

    private void assertWinsTheSecondRace(Runner disturbed) {
        disturbed.expected = 1.5 * MILLI;
        Runner steady = new Runner(i -> 2 * MILLI);
        steady.expected = 2 * MILLI;
        Verdict verdict = race(limits(false), disturbed, steady);
        assertEquals("runner0", verdict.nanoseconds().keySet().iterator().next());
        assertEquals(1.5 * MILLI, verdict.nanoseconds().get("runner0"));
        assertEquals(2.0 * MILLI, verdict.nanoseconds().get("runner1"));
    }

    @Test
    void anUpsetThatComesTrueAgainCounts() {
        Runner favourite = new Runner(i -> 3 * MILLI);
        favourite.expected = 1.9 * MILLI;
        Runner outsider = new Runner(i -> 2 * MILLI);
        outsider.expected = 2 * MILLI;
        Verdict verdict = race(limits(false), favourite, outsider);
        assertEquals("runner1", verdict.nanoseconds().keySet().iterator().next());
        assertEquals(2 * (WINDOWS * 5 + 2 * TURN), outsider.runs);
    }

    @Test
    void onASlowMachineEverybodyIsSlowerThanExpected() {
        Runner one = new Runner(i -> 3 * MILLI);
        Runner other = new Runner(i -> 4 * MILLI);
        one.expected = MILLI;
        other.expected = MILLI;
        race(limits(false), one, other);
        // Warmup, then two rounds.
        assertEquals(WINDOWS * 4 + 2 * TURN, one.runs);
        assertEquals(WINDOWS * 3 + 2 * TURN, other.runs);
        // Compiled after 20 windows; until then it is further from its expectation than the other.
        Runner late = new Runner(i -> i < 20 ? 30 * MILLI : MILLI);
        late.expected = MILLI;
        assertEquals((double) MILLI, race(limits(false), late, other).nanoseconds().get("runner0"));
    }

    @Test
    void theHopelessIsNotTimedFurther() {
        Runner hopeless = new Runner(i -> 30 * MILLI);
        Verdict verdict = race(limits(true), hopeless, new Runner(i -> 2 * MILLI));
        assertEquals(WINDOWS, hopeless.runs);
        assertEquals(30.0 * MILLI, verdict.nanoseconds().get("runner0"));
        Runner endless = new Runner(i -> 1000 * MILLI);
        race(limits(true), endless, new Runner(i -> 2 * MILLI));
        assertEquals(2, endless.runs);
    }

    @Test
    void shortRunsAreRepeatedToFillASample() {
        Runner brief = new Runner(i -> 1000);
        Verdict verdict = race(limits(true), brief);
        // 10,000 runs fill a window of warmup; 1,000 runs a sample.
        assertEquals(WINDOWS * 10_000 + 40 * (1 + 3 * 1000), brief.runs);
        assertTrue(verdict.nanoseconds().get("runner0") == 1000);
    }
}
