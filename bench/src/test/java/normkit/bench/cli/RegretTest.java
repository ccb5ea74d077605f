package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import normkit.bench.run.RegretRow;
import normkit.bench.run.Stopwatch;
import normkit.dispatch.Measurement;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Which times {@code regret} counts: these are made up. */
class RegretTest {

    private static final Duration ONCE = Duration.ofMillis(500);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final List<Duration> budgets = new ArrayList<>();

    /** Whichever backend is chosen takes these times, one after the other, where another takes 1000 ns. */
    private Stopwatch stopwatch(double... nanoseconds) {
        return (problem, request, budget) -> {
            Map<String, Double> times = new LinkedHashMap<>(Map.of("another", 1000.0));
            double time = nanoseconds[budgets.size()];
            RegretRow.able(problem).forEach(backend -> times.put(backend.name(), time));
            budgets.add(budget);
            return new Measurement(times, Map.of());
        };
    }

    /** The last column with a value, by problem, and the summary. */
    private static List<String> regret(Stopwatch stopwatch) {
        Cli run = Cli.run(new CommandLine(new Regret(stopwatch)).setCaseInsensitiveEnumValuesAllowed(true), "--only",
                "rms_norm", "--only", "1x4096", "--budget", "0.5", "--estimate-only", "--all");
        assertEquals(0, run.exitCode(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertEquals(4, lines.size(), run.out());
        return List.of(regret(lines.get(1)), regret(lines.get(2)), lines.get(3));
    }

    private static String regret(String line) {
        assertTrue(line.matches("rms_norm .* another +1\\.00 .* -  +-"), line);
        String[] words = Cli.words(line);
        return words[words.length - 3];
    }

    @Test
    void rowsAboveTheBoundAreTimedAgainFourTimesAsLongAndThenCount() {
        assertEquals(List.of("1.01", "1.50", "estimate: 1 of 2 rows within 1.05 (50%), worst 1.50"),
                regret(stopwatch(1200, 1010, 1060, 1500)));
        assertEquals(List.of(ONCE, AGAIN, ONCE, AGAIN), budgets);
    }

    @Test
    void rowsWithinTheBoundAreTimedOnce() {
        assertEquals(List.of("1.04", "1.05", "estimate: 2 of 2 rows within 1.05 (100%), worst 1.05"),
                regret(stopwatch(1040, 1050)));
        assertEquals(List.of(ONCE, ONCE), budgets);
    }
}
