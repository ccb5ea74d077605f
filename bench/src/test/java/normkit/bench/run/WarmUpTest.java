package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** What is warmed up takes made-up times, in milliseconds, and allocates made-up numbers of bytes. */
class WarmUpTest {

    private static final long MILLI = 1_000_000;

    private long now = 7 * MILLI;
    private long allocated = 3;

    /** Returns the milliseconds until work was warm; both are functions of how many milliseconds have passed. */
    private long warm(LongUnaryOperator millis, LongUnaryOperator bytes) {
        long start = now;
        new WarmUp(() -> now, () -> allocated).run(() -> {
            long passed = (now - start) / MILLI;
            allocated += bytes.applyAsLong(passed);
            now += millis.applyAsLong(passed) * MILLI;
        });
        return (now - start) / MILLI;
    }

    @Test
    void whatIsFastFromTheFirstRunOnIsWarmAfterHalfASecond() {
        // The first window gains, over nothing.
        assertEquals(550, warm(passed -> 1, passed -> 0));
    }

    @Test
    void whatGetsFasterIsNotWarm() {
        assertEquals(1500 + 550, warm(passed -> passed < 1500 ? 50 - passed / 50 : 5, passed -> 0), 60);
    }

    @Test
    void whatAllocatesAtASteadyPaceIsNotWarm() {
        assertEquals(1000 + 500, warm(passed -> 10, passed -> passed < 1000 ? 48 : 0), 50);
    }

    @Test
    void whatAlwaysAllocatesIsWarmInTheEnd() {
        assertEquals(1550, warm(passed -> 10, passed -> 48));
    }

    @Test
    void slowRunsAreFew() {
        assertEquals(3 * 400, warm(passed -> 400, passed -> 0));
    }

    @Test
    void nothingIsWarmedUpForEver() {
        long[] next = {1000};
        long taken = warm(passed -> next[0] = Math.max(1, next[0] * 9 / 10), passed -> 48);
        assertTrue(taken < 6000 + 1000, "took " + taken);
    }

    @Test
    void warmsUpRealWork() {
        double[] sum = {1};
        long start = System.nanoTime();
        WarmUp.of(() -> sum[0] = Math.fma(sum[0], 0.5, 1));
        long millis = (System.nanoTime() - start) / MILLI;
        assertTrue(millis >= 500, "only " + millis + " ms");
        assertTrue(sum[0] > 1.9, "it ran");
    }
}
