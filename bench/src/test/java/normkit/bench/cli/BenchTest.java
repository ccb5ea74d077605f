package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    void printsAllOfItsTables() throws IOException {
        write("a.json", ROW.formatted("same", 100, 20));
        String file = directory.resolve("a.json").toString();
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true));
        try {
            assertEquals(0, Normkit.run("bench", "--compare", file, file));
        } finally {
            System.setOut(before);
        }
        assertEquals(Cli.run("bench", "--compare", file, file).out(), printed.toString());
    }

    @Test
    void tellsWhatDiffersBesidesTimes() throws IOException {
        String file = """
                {"format": "normkit-bench", "version": 1, "created": "2026-01-0%dT00:00:00Z", "commit": "%s",
                 "complete": true, "stolen": %s, "machine": {"cpu": "Abacus", "processors": %d}, "benchmarks": [%s]}""";
        Files.writeString(directory.resolve("a.json"),
                file.formatted(1, "abc", 0.01, 2, ROW.formatted("same", 100, 1) + "," + ROW.formatted("gone", 100, 1)));
        Files.writeString(directory.resolve("b.json"),
                file.formatted(1, "def", 0.25, 4, ROW.formatted("same", 100, 1) + "," + ROW.formatted("new", 100, 1)));
        Cli run = Cli.runIn(directory, "bench", "--compare", "a.json", "b.json");
        assertEquals(0, run.exitCode(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertEquals("commit differs: abc, then def", lines.get(0));
        assertEquals("processors differs: 2, then 4", lines.get(1));
        assertTrue(lines.get(2).startsWith(
                directory.resolve("b.json") + ": the host of this virtual machine gave 25% of the processor time"),
                run.toString());
        assertEquals("benchmark", Cli.words(lines.get(3))[0]);
        assertEquals("same", Cli.words(lines.get(4))[1]);
        assertEquals("only in " + directory.resolve("a.json") + ": C.run gone 1t us/op", lines.get(5));
        assertEquals("only in " + directory.resolve("b.json") + ": C.run new 1t us/op", lines.get(6));
        assertEquals(7, lines.size());
        // A plain result of JMH knows no machine.
        write("c.json", ROW.formatted("same", 100, 1));
        run = Cli.runIn(directory, "bench", "--compare", "a.json", "c.json");
        assertTrue(run.out().contains("cpu differs: Abacus, then unknown"), run.toString());
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
        assertRefused("requires at least 2 values", "bench", "--compare", "a.json");
        assertRefused("--quick does not go with --compare", "bench", "--quick", "--compare", "a.json", "b.json");
        assertRefused("--json does not go with --markdown", "bench", "--json", "x.json", "--markdown", "a.json");
        assertRefused("--fail-on-regression is for --compare", "bench", "--quick", "--fail-on-regression");
        assertRefused("cannot read", "bench", "--markdown", "e.json");
        assertRefused("--resume goes with --json or --report", "bench", "--quick", "--resume");
        assertRefused("a.json has commit null", "bench", "--quick", "--resume", "--json", "a.json");
        assertRefused("--quick and --full are both given", "bench", "--quick", "--full");
        assertRefused("no backend is named 'abacus'", "bench", "--backends", "scalar,abacus");
        assertRefused("--forks is 0; it must be 1 to 1000", "bench", "--forks", "0");
        assertRefused("--threads is 0; it must be 1 to 1024", "bench", "--threads", "1,0");
        assertRefused("'x' is not an int", "bench", "--threads", "x");
        assertRefused("--degrees is 65; it must be 1 to 64", "bench", "--degrees", "65");
        assertRefused("a.json is not a directory", "bench", "--quick", "--report", "a.json");
        assertRefused("--report does not go with --markdown", "bench", "--report", "x.json", "--markdown", "a.json");
        assertRefused("--filter leaves nothing to measure: nothing has lrn;", "bench", "--filter", "lrn");
        assertRefused("a.json is not a directory", "bench", "--quick", "--json", "a.json/b.json");
        assertRefused("is a directory", "bench", "--quick", "--filter", "rms_norm", "--json", directory.toString());
    }

    private void assertRefused(String message, String... arguments) {
        Cli run = Cli.runIn(directory, arguments);
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.toString());
        assertTrue(run.err().contains(message), run.toString());
    }
}
