package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.bench.WrongBackend;
import org.junit.jupiter.api.Test;

class TechniqueCostsTest {

    private static final String TIME = " \\d+(\\.\\d+)? \\|";

    @Test
    void printsATableOfTimesAndRatios() {
        Cli run = Cli.run("techniques", "--only", "batch_norm_folding", "--forks", "1", "--backends", "auto,scalar");
        assertEquals(0, run.exitCode(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).endsWith("; 1 JVM per row"), run.toString());
        assertEquals(List.of("", "| technique | x | pass | copy, µs | auto, µs | copies | scalar, µs | copies |",
                "|---|---|---|---|---|---|---|---|"), lines.subList(1, 4));
        // It has loops of its own, so no backend runs it.
        assertTrue(lines.get(4).matches(
                "\\| `batch_norm_folding` \\| rows 256x256x3x3 \\| forward \\|" + TIME + TIME + TIME + "  \\|  \\|"),
                run.toString());
        assertEquals(5, lines.size(), run.toString());
    }

    @Test
    void aWrongBackendIsNotTimed() {
        Cli run =
                Cli.run("techniques", "--only", "mean_variance_norm", "--forks", "1", "--backends", WrongBackend.NAME);
        assertEquals(2, run.exitCode(), run.toString());
        assertTrue(run.err().contains("has no kernels for techniques"), run.toString());
    }

    @Test
    void refusesBadInputInOneLine() {
        assertRefused("--forks is 0; it must be 1 to 1000", "--forks", "0");
        assertRefused("'x' is not an int", "--forks", "x");
        assertRefused("--only: technique is abacus; it must be one of batch_instance_norm, ", "--only", "abacus");
        assertRefused("--backends: ", "--backends", "abacus");
        assertRefused("no backend is named 'abacus'", "--backends", "auto,abacus");
        assertRefused("Unknown option: '--quick'", "--quick");
    }

    private static void assertRefused(String message, String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "techniques";
        System.arraycopy(options, 0, arguments, 1, options.length);
        Cli run = Cli.run(arguments);
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.toString());
        assertTrue(run.err().contains(message), run.toString());
    }
}
