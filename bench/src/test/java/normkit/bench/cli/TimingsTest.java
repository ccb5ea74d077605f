package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.Workload;
import org.junit.jupiter.api.Test;

class TimingsTest {

    @Test
    void showsTimesRatiosAndTheFastest() {
        Timings timings = new Timings(List.of("fast", "slow", "none"));
        timings.put(Workload.LN_BERT, NormBenchmark.COPY, 10);
        timings.put(Workload.LN_BERT, "fast", 20);
        timings.put(Workload.LN_BERT, "slow", 155.5);
        timings.put(Workload.RMS_LLAMA_TOKEN, "slow", 0.128);
        List<String> lines = timings.table().lines().toList();
        assertEquals(2 + Workload.values().length, lines.size());
        assertEquals("operation pass layout shape µs µs ×copy µs ×copy µs ×copy GB/s", squeezed(lines.get(1)));
        // Twice 256·768·4 bytes in 20 µs.
        assertEquals("layer_norm forward rows 256x768 10.0 20.0 2.00 156 15.6 - - fast 78.6", squeezed(lines.get(2)));
        // The copy of the same size is shared, but nothing was timed.
        assertEquals("layer_norm backward rows 256x768 10.0 - - - - - - - -", squeezed(lines.get(3)));
        // A ratio needs a copy.
        assertTrue(lines.stream().map(TimingsTest::squeezed)
                .anyMatch("rms_norm forward rows 1x4096 - - - 0.13 - - - slow 256"::equals), timings.table());
    }

    @Test
    void alignsNumbersToTheRight() {
        TextTable table = new TextTable(1);
        table.add(List.of("name", "n"));
        table.add(List.of("a", "1000"));
        table.add(List.of("bc", ""));
        assertEquals(List.of("name     n", "a     1000", "bc"), table.toString().lines().toList());
    }

    @Test
    void knowsWhatIsThere() {
        Timings timings = new Timings(List.of("fast"));
        timings.put(Workload.LN_BERT, "fast", 1);
        assertTrue(timings.has(Workload.LN_BERT, "fast"));
        assertFalse(timings.has(Workload.LN_BERT_BACKWARD, "fast"));
    }

    private static String squeezed(String line) {
        return line.strip().replaceAll(" +", " ");
    }
}
