package normkit.bench.study;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import normkit.bench.console.Digits;
import normkit.bench.console.Progress;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.TechniqueBenchmark;
import normkit.bench.jmh.TimedTechnique;
import org.openjdk.jmh.runner.RunnerException;

/** What techniques cost beside a copy of their tensor, as a Markdown table. */
public final class TechniqueCosts {

    /** For each JVM of a cell. */
    private static final Duration TIME = Duration.ofMillis(600);

    private record Cell(TimedTechnique technique, String pass, String backend) {}

    private final List<TimedTechnique> techniques;
    private final List<String> backends;
    private final Pace pace;
    private final Map<Cell, Double> times = new LinkedHashMap<>();
    private final Map<Long, Double> copies = new LinkedHashMap<>();
    private final Map<String, Boolean> right = new HashMap<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * Plans the measurement.
     *
     * @param techniques what is timed
     * @param backends a column each: {@link TechniqueBenchmark#AUTO} or backends that are available
     * @param forks JVMs each row is measured in
     */
    public TechniqueCosts(List<TimedTechnique> techniques, List<String> backends, int forks) {
        this.techniques = List.copyOf(techniques);
        this.backends = List.copyOf(backends);
        this.pace = Pace.of(forks, TIME);
    }

    /** Verifies and measures everything; the copies of a size once. */
    public void run() {
        List<Cell> cells = cells();
        long start = System.nanoTime();
        try (Progress progress = new Progress()) {
            for (int i = 0; i < cells.size(); i++) {
                Cell cell = cells.get(i);
                progress.show("timing " + (i + 1) + " of " + cells.size() + ": " + describe(cell),
                        Progress.left(start, i, cells.size()));
                time(cell);
            }
        }
    }

    private List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        techniques.stream()
                .filter(technique -> techniques.stream().filter(other -> bytes(other) == bytes(technique)).findFirst()
                        .orElseThrow() == technique)
                .forEach(one -> cells.add(new Cell(one, TechniqueBenchmark.FORWARD, NormBenchmark.COPY)));
        for (TimedTechnique technique : techniques) {
            for (String pass : technique.passes()) {
                backends.stream().filter(technique::runs)
                        .forEach(backend -> cells.add(new Cell(technique, pass, backend)));
            }
        }
        return cells;
    }

    private static long bytes(TimedTechnique technique) {
        return technique.spec().byteSize();
    }

    private static String describe(Cell cell) {
        return cell.technique().label() + " " + cell.pass() + " on " + cell.backend();
    }

    /** Verifies a technique before its first row, rather than in every JVM of each. */
    private boolean isRight(Cell cell) {
        return right.computeIfAbsent(cell.technique().label() + " on " + cell.backend(), what -> {
            try {
                cell.technique().verify(cell.backend());
                return true;
            } catch (IllegalStateException e) {
                notes.add(what + " was not timed: " + e.getMessage());
                return false;
            }
        });
    }

    private void time(Cell cell) {
        if (!isRight(cell)) {
            return;
        }
        Map<String, String> params =
                Map.of("technique", cell.technique().label(), "pass", cell.pass(), "backend", cell.backend());
        try {
            double time = Row.of(Timing.run(new Job(TechniqueBenchmark.class, params, 1, 0), pace)).score();
            if (cell.backend().equals(NormBenchmark.COPY)) {
                copies.put(bytes(cell.technique()), time);
            } else {
                times.put(cell, time);
            }
        } catch (RunnerException e) {
            notes.add(describe(cell) + " was not timed: " + e.getMessage());
        }
    }

    /**
     * Returns what went wrong.
     *
     * @return one line each
     */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Returns the table: a row for every technique and pass, times in microseconds, and ratios to a copy. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("| technique | x | pass | copy, µs |");
        backends.forEach(backend -> text.append(' ').append(backend).append(", µs | copies |"));
        text.append("\n|---|---|---|").append("---|".repeat(1 + 2 * backends.size())).append('\n');
        for (TimedTechnique technique : techniques) {
            for (String pass : technique.passes()) {
                Double copy = copies.get(bytes(technique));
                text.append("| `").append(technique.label()).append("` | ").append(technique.data()).append(" | ")
                        .append(pass).append(" | ").append(digits(copy)).append(" |");
                for (String backend : backends) {
                    Double time = times.get(new Cell(technique, pass, backend));
                    text.append(' ').append(digits(time)).append(" | ")
                            .append(time == null || copy == null ? "" : Digits.three(time / copy)).append(" |");
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String digits(Double time) {
        return time == null ? "" : Digits.three(time);
    }
}
