package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import normkit.dispatch.Wisdom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tune}, {@code regret} and {@code explain} print and write; who wins is not for a test to know. */
class TuneTest {

    @TempDir
    private Path directory;

    @Test
    void wisdomIsWrittenAndAddedTo() throws IOException {
        Path file = directory.resolve("sub").resolve("wisdom.txt");
        Cli first = tune(file, "--op", "batch_norm", "--shape", "8x16");
        assertEquals(0, first.exitCode(), first.toString());
        List<String> lines = first.out().lines().toList();
        assertEquals(List.of("problem", "fastest", "us", "others"), List.of(Cli.words(lines.get(0))));
        assertTrue(lines.get(1).startsWith("batch_norm forward F32 CHANNELS_FIRST 8x16 scale shift eps 1.0E-5  "),
                first.out());
        assertTrue(lines.get(4).startsWith("batch_norm frozen_backward "), first.out());
        assertEquals("4 problems written to " + file, lines.get(5));
        String text = Files.readString(file);
        assertTrue(text.startsWith("normkit wisdom 1\nmachine "), text);
        assertTrue(text.contains("\n  batch_norm inference F32 CHANNELS_FIRST 8x16 scale shift, 1 thread, native = "),
                text);
        Cli second = tune(file, "--op", "layer_norm", "--shape", "2x8", "--carrier", "heap");
        assertEquals(0, second.exitCode(), second.toString());
        // A backend whose results are wrong wins nothing.
        assertTrue(!second.out().contains("wrong"), second.out());
        Wisdom wisdom = Wisdom.empty();
        assertTrue(wisdom.importFrom(file));
        assertEquals(4 + 2, wisdom.size());
    }

    @Test
    void whatIsPrintedHasBeenWritten() {
        Path file = directory.resolve("wisdom.txt");
        List<Integer> written = new ArrayList<>();
        PrintWriter out = new PrintWriter(new StringWriter()) {
            @Override
            public void println(String line) {
                written.add(problemsIn(file));
            }
        };
        assertEquals(0,
                Normkit.commandLine().setOut(out).execute(arguments(file, "--op", "batch_norm", "--shape", "8x16")));
        // The header, a line for each of four passes, and the summary: whenever it is ended, what it told is not lost.
        assertEquals(List.of(0, 1, 2, 3, 4, 4), written);
    }

    private static int problemsIn(Path file) {
        Wisdom wisdom = Wisdom.empty();
        if (Files.exists(file)) {
            wisdom.importFrom(file);
        }
        return wisdom.size();
    }

    private static Cli tune(Path file, String... more) {
        return Cli.run(arguments(file, more));
    }

    private static String[] arguments(Path file, String... more) {
        Stream<String> start = Stream.of("tune", "--wisdom", file.toString(), "--budget", "0.01");
        return Stream.concat(start, Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void regretIsPrintedWithASummary() {
        Cli run = Cli.run("regret", "--only", "rms_norm", "--only", "1x4096", "--budget", "0.01", "--all", "--costs");
        assertEquals(0, run.exitCode(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).matches("problem +fastest +us +estimate +regret +measure +regret"), run.out());
        assertTrue(lines.get(1).matches(
                "rms_norm forward F32 ROWS 1x4096 scale eps 1.0E-5 +\\w+ +[0-9.]+ +\\w+ +[0-9.]+ +\\w+ +[0-9.]+"),
                run.out());
        assertTrue(lines.get(3).matches("estimate: \\d of 2 rows within 1.05 \\(\\d+%\\), worst [0-9.]+"), run.out());
        assertTrue(lines.get(4).startsWith("measure: "), run.out());
        assertTrue(lines.stream().anyMatch(l -> l.matches("scalar scalar, rows BACKWARD: Cost.perKiB\\(.*\\).*")),
                run.out());
    }

    @Test
    void explainShowsTimes() {
        Cli run = Cli.run("explain", "rms_norm", "--shape", "4x64", "--effort", "measure", "--carrier", "heap",
                "--exact");
        assertEquals(0, run.exitCode(), run.toString());
        assertTrue(run.out().contains("\n  onednn: declined, its results are not the defined ones"), run.out());
        assertTrue(
                run.out().matches("(?s).*\\n  scalar: supported, scalar, [0-9.]+ .s measured, [0-9.]+ .s estimated.*"),
                run.out());
    }
}
