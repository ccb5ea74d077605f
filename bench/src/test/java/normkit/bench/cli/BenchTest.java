package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {

    private static final String ROW = """
            {"benchmark": "a.b.C.run", "mode": "avgt", "threads": 1, "params": {"backend": "%s"},
             "primaryMetric": {"score": %s, "scoreError": %s, "scoreUnit": "us/op"}}""";

    @TempDir
    private Path directory;

    private void write(String file, String... rows) throws IOException {
        Files.writeString(directory.resolve(file), "[" + String.join(",", rows) + "]");
    }

    @Test
    void flagsOnlyWhatIsBeyondNoise() throws IOException {
        write("a.json", ROW.formatted("slow", 100, 20), ROW.formatted("fast", 100, 20), ROW.formatted("same", 100, 20),
                ROW.formatted("once", 100, 1));
        write("b.json", ROW.formatted("slow", 150, 6), ROW.formatted("fast", 50, 6), ROW.formatted("same", 120, 6),
                ROW.formatted("once", 900, "\"NaN\""));
        Cli run = Cli.runIn(directory, "bench", "--compare", "a.json", "b.json");
        assertEquals(0, run.exitCode(), run.toString());
        String[] lines = run.out().lines().toArray(String[]::new);
        assertArrayEquals(new String[] {"C.run", "slow", "1t", "us/op", "1.500", "1.200", "1.950", "slower"},
                Cli.words(lines[1]));
        assertArrayEquals(new String[] {"C.run", "fast", "1t", "us/op", "0.500", "0.367", "0.700", "faster"},
                Cli.words(lines[2]));
        assertArrayEquals(new String[] {"C.run", "same", "1t", "us/op", "1.200", "0.950", "1.575"},
                Cli.words(lines[3]));
        assertArrayEquals(new String[] {"C.run", "once", "1t", "us/op", "9.000", "NaN", "NaN"}, Cli.words(lines[4]));
        assertEquals(1,
                Cli.runIn(directory, "bench", "--compare", "a.json", "b.json", "--fail-on-regression").exitCode());
        assertEquals(0,
                Cli.runIn(directory, "bench", "--compare", "a.json", "a.json", "--fail-on-regression").exitCode());
    }

    @Test
    void refusesBadInputInOneLine() throws IOException {
        write("a.json", ROW.formatted("a", 1, 0));
        write("b.json", ROW.formatted("b", 1, 0));
        Files.writeString(directory.resolve("c.json"), "no");
        write("d.json", ROW.formatted("a", 1, 0).replace("avgt", "thrpt"));
        assertRefused("no benchmark in common", "bench", "--compare", "a.json", "b.json");
        assertRefused("is not a result of JMH", "bench", "--compare", "a.json", "c.json");
        assertRefused("it must be avgt", "bench", "--compare", "a.json", "d.json");
        assertRefused("cannot read", "bench", "--compare", "a.json", "e.json");
        assertRefused("--compare", "bench");
    }

    private void assertRefused(String message, String... arguments) {
        Cli run = Cli.runIn(directory, arguments);
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.toString());
        assertTrue(run.err().contains(message), run.toString());
    }
}
