package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final long START = -5;

    private static long at(double seconds) {
        return START + Math.round(seconds * 1e9);
    }

    @Test
    void withoutALimitEveryRowIsThorough() {
        Schedule schedule = new Schedule(5, null, START);
        Pace pace = schedule.pace(1000, at(1e6));
        assertEquals(new Pace(5, 2, Duration.ofMillis(600), 5, Duration.ofMillis(120)), pace);
        assertEquals(Duration.ofSeconds(9), pace.total());
        assertFalse(schedule.isOver(at(1e6)));
        // The start of each JVM counts.
        assertEquals(Duration.ofMillis(10 * (9000 + 5 * 900)), schedule.left(10, at(0)));
        schedule.took(pace, Duration.ofMillis(9000 + 5 * 1900));
        assertEquals(Duration.ofMillis(10 * (9000 + 5 * 1100)), schedule.left(10, at(0)));
        assertEquals(Duration.ZERO, schedule.left(0, at(0)));
    }

    @Test
    void aLimitIsDealtOutEvenly() {
        Schedule schedule = new Schedule(1, Duration.ofSeconds(100), START);
        // 20 s for 10 rows, of which each JVM takes 0.9 s to start.
        assertEquals(Pace.of(1, Duration.ofMillis(1100)), schedule.pace(10, at(80)));
        assertEquals(Pace.of(1, Duration.ofMillis(2000)), schedule.pace(1, at(80)));
        assertEquals(Pace.of(1, Duration.ofMillis(200)), schedule.pace(1000, at(80)));
        assertFalse(schedule.isOver(at(99.9)));
        assertTrue(schedule.isOver(at(100.1)));
    }

    @Test
    void forksShareALimit() {
        Schedule schedule = new Schedule(2, Duration.ofSeconds(100), START);
        assertEquals(Pace.of(2, Duration.ofMillis(100 + 1000)), schedule.pace(5, at(80)));
    }
}
