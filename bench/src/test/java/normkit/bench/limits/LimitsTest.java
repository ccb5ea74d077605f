package normkit.bench.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {

    private static final long WORKING_SET = 1 << 14;

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f64"})
    void everyChainIsComputed(String type) {
        int elements = type.equals("f32") ? 32 : 64;
        // Each element of each chain tends to the fixed point of v/2 + 1.
        FmaBenchmark.widths().forEach(bits -> assertEquals(2.0 * Peak.CHAINS * (bits / elements),
                Peak.of(type, bits).run(), type + " " + bits));
    }

    @Test
    void operationsAreCounted() {
        assertEquals(2L * 16 * 12 * 1000, FmaBenchmark.operations("f32", 512));
        assertEquals(2L * 2 * 12 * 1000, FmaBenchmark.operations("f64", 128));
        assertThrows(IllegalStateException.class, () -> Peak.of("f32", 4096));
        assertThrows(IllegalArgumentException.class, () -> Peak.of("f16", 128));
    }

    @ParameterizedTest
    @EnumSource
    void everyByteIsTouched(Route route) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = route.block(WORKING_SET, arena);
            MemorySegment to = route.block(WORKING_SET, arena);
            long half = WORKING_SET / (route == Route.COPY || route == Route.STREAMING_COPY ? 2 : 1);
            assertEquals(half, from.byteSize());
            for (long i = 0; i < half / Long.BYTES; i++) {
                from.setAtIndex(ValueLayout.JAVA_LONG, i, i * i);
            }
            long result = route.run(from, to, 7);
            long sum = 0;
            for (long i = 0; i < half / Long.BYTES; i++) {
                sum += i * i;
                long written = to.getAtIndex(ValueLayout.JAVA_LONG, i);
                assertEquals(switch (route) {
                    case COPY, STREAMING_COPY -> i * i;
                    case WRITE -> 7;
                    case READ -> 0x0101010101010101L;
                }, written, route + " " + i);
            }
            assertEquals(route == Route.READ ? sum : 7, result);
        }
    }

    @Test
    void routesHaveNames() {
        assertEquals(Route.STREAMING_COPY, Route.named("streaming-copy"));
        String message = assertThrows(IllegalArgumentException.class, () -> Route.named("cp")).getMessage();
        assertTrue(message.startsWith("kind is cp; it must be one of copy, read, write, streaming-copy"), message);
    }
}
