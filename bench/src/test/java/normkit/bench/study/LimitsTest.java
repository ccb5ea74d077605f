package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.bench.study.Limits.Bandwidth;
import org.junit.jupiter.api.Test;

class LimitsTest {

    private static final Limits LIMITS = new Limits(
            List.of(new Bandwidth("copy", 1 << 10, 1, 100e6, 0), new Bandwidth("copy", 1 << 14, 1, 60e6, 0),
                    new Bandwidth("read", 1 << 10, 1, 900e6, 0), new Bandwidth("streaming-copy", 1 << 10, 1, 50e6, 0),
                    new Bandwidth("streaming-copy", 1 << 14, 1, 80e6, 0), new Bandwidth("copy", 1 << 10, 2, 180e6, 0)),
            List.of());

    private static double microseconds(long traffic, int threads) {
        return LIMITS.microseconds(traffic, threads).orElseThrow();
    }

    @Test
    void theFasterCopyCounts() {
        assertEquals(1024 / 100.0, microseconds(1 << 10, 1), 1e-9);
        assertEquals(16384 / 80.0, microseconds(1 << 14, 1), 1e-9);
    }

    @Test
    void sizesBetweenAreInterpolatedByLogarithm() {
        // Half way between 2^10 and 2^14: 80 by stores, 65 streaming.
        assertEquals(4096 / 80.0, microseconds(1 << 12, 1), 1e-9);
        assertEquals(8192 / 72.5, microseconds(1 << 13, 1), 1e-9);
    }

    @Test
    void sizesBeyondAreAsTheNearest() {
        assertEquals(16 / 100.0, microseconds(16, 1), 1e-9);
        assertEquals((1 << 20) / 80.0, microseconds(1 << 20, 1), 1e-9);
    }

    @Test
    void threadsShareWhatThereIs() {
        assertEquals(2 * 1024 / 180.0, microseconds(1 << 10, 2), 1e-9);
        assertTrue(LIMITS.microseconds(1 << 10, 3).isEmpty());
    }
}
