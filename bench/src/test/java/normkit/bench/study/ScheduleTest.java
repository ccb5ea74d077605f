package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final long START = -5;
    private static final Duration PREPARATION = Duration.ofSeconds(10);

    private static long at(double seconds) {
        return START + Math.round(seconds * 1e9);
    }

    /** Some rows that need no memory: their JVMs take a second to start and warm up. */
    private static List<Job> rows(int count) {
        return Collections.nCopies(count, Job.fma("f32", 128, 1));
    }

    @Test
    void withoutALimitEveryRowIsThorough() {
        Schedule schedule = new Schedule(5, null, START);
        Pace pace = schedule.pace(rows(1000), at(1e6));
        assertEquals(new Pace(5, Duration.ofMillis(428), Duration.ofMillis(214)), pace);
        assertEquals(Duration.ofMillis(5 * 1498), pace.total());
        assertFalse(schedule.isOver(at(1e6)));
        assertTrue(schedule.fits(rows(1_000_000)));
        // The start of each JVM counts.
        assertEquals(Duration.ofMillis(10 * (5 * 1498 + 5 * 1000)), schedule.left(rows(10), at(0)));
        schedule.took(rows(1).getFirst(), pace, Duration.ofMillis(5 * 1498 + 5 * 3000));
        // Of three times as much to start, an eighth is believed.
        assertEquals(Duration.ofMillis(10 * (5 * 1498 + 5 * 1250)), schedule.left(rows(10), at(0)));
        assertEquals(Duration.ZERO, schedule.left(List.of(), at(0)));
    }

    @Test
    void largeTensorsTakeTimeToVerify() {
        Job large = new Job(String.class, rows(1).getFirst().params(), 1, 1_000_000_000);
        assertEquals(Duration.ofMillis(1498 + 1000 + 1500), new Schedule(1, null, START).left(List.of(large), at(0)));
    }

    @Test
    void aLimitIsDealtOutEvenly() {
        Schedule schedule = new Schedule(1, Duration.ofSeconds(100), START);
        // 20 s for 10 rows, of which each JVM takes a second to start.
        assertEquals(Pace.of(1, Duration.ofMillis(1000)), schedule.pace(rows(10), at(80)));
        assertEquals(Pace.of(1, Duration.ofMillis(2000)), schedule.pace(rows(1), at(80)));
        assertFalse(schedule.isOver(at(99.9)));
        assertTrue(schedule.isOver(at(100.1)));
    }

    @Test
    void forksShareALimit() {
        Schedule schedule = new Schedule(2, Duration.ofSeconds(100), START);
        assertEquals(Pace.of(2, Duration.ofMillis(2000 - 1000)), schedule.pace(rows(5), at(80)));
    }

    @Test
    void noRowIsTooShort() {
        Schedule schedule = new Schedule(1, Duration.ofSeconds(100), START);
        Pace shortest = schedule.pace(rows(1000), at(80));
        assertEquals(new Pace(1, Duration.ofMillis(100), Duration.ofMillis(50)), shortest);
        int most = (int) Duration.ofSeconds(100).minus(PREPARATION)
                .dividedBy(shortest.total().plus(Duration.ofMillis(1000)));
        assertTrue(schedule.fits(rows(most)));
        assertFalse(schedule.fits(rows(most + 1)));
    }
}
