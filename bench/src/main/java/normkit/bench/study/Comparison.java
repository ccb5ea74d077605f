package normkit.bench.study;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import normkit.bench.console.TextTable;
import normkit.bench.files.BadInputException;
import normkit.bench.run.StolenTime;

/**
 * Two runs, row against row: results of studies, or plain ones of JMH. A change counts only if the runs' 99.9 % confidence intervals are
 * apart.
 */
public final class Comparison {

    private final String differences;
    private final TextTable table = new TextTable(1);
    private final List<String> onlyBefore;
    private final List<String> onlyAfter;
    private final Path before;
    private final Path after;
    private int regressions;

    /**
     * Compares.
     *
     * @param before file of the run before
     * @param after file of the run after
     * @throws BadInputException if a file is no result, or they have no benchmark in common
     */
    public Comparison(Path before, Path after) {
        this.before = before;
        this.after = after;
        ResultFile first = ResultFile.read(before);
        ResultFile second = ResultFile.read(after);
        differences = differences(first, second) + complaint(before, first) + complaint(after, second);
        Map<String, Interval> old = intervals(first);
        Map<String, Interval> now = intervals(second);
        onlyBefore = old.keySet().stream().filter(name -> !now.containsKey(name)).toList();
        onlyAfter = now.keySet().stream().filter(name -> !old.containsKey(name)).toList();
        if (onlyAfter.size() == now.size()) {
            throw new BadInputException(before + " and " + after + " have no benchmark in common; they must share one");
        }
        table.add(List.of("benchmark", "ratio", "from", "to", ""));
        now.keySet().stream().filter(old::containsKey).forEach(name -> add(name, now.get(name).over(old.get(name))));
    }

    /** A time or a ratio of times, and between what it lies. */
    private record Interval(double score, double low, double high) {

        /** The widest ratio the intervals allow; a lower end of 0 or an unknown error leaves it open. */
        Interval over(Interval other) {
            return new Interval(score / other.score, Math.max(0, low) / other.high, high / Math.max(0, other.low));
        }
    }

    /**
     * Returns how many benchmarks got slower beyond noise.
     *
     * @return a count
     */
    public int regressions() {
        return regressions;
    }

    /** Returns what differs between the machines, whether a host disturbed a run, the table, and what only one run has. */
    @Override
    public String toString() {
        return differences + table + only(before, onlyBefore) + only(after, onlyAfter);
    }

    private static String only(Path file, List<String> names) {
        return names.stream().map(name -> String.format("only in %s: %s%n", file, name)).collect(Collectors.joining());
    }

    private static String complaint(Path file, ResultFile result) {
        return StolenTime.complaint(result.stolen()).map(complaint -> String.format("%s: %s%n", file, complaint))
                .orElse("");
    }

    private void add(String name, Interval ratio) {
        String verdict = ratio.low > 1 ? "slower" : ratio.high < 1 ? "faster" : "";
        regressions += ratio.low > 1 ? 1 : 0;
        table.add(List.of(name, number(ratio.score), number(ratio.low), number(ratio.high), verdict));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static Map<String, Interval> intervals(ResultFile result) {
        Map<String, Interval> intervals = new LinkedHashMap<>();
        for (Row row : result.rows()) {
            intervals.put(row.name(), new Interval(row.mean(), row.mean() - row.error(), row.mean() + row.error()));
        }
        return intervals;
    }

    /** What differs between the machines and builds, so that nobody takes one for the other. */
    private static String differences(ResultFile before, ResultFile after) {
        Map<String, String> old = before.facts();
        Map<String, String> now = after.facts();
        Set<String> names = new LinkedHashSet<>(old.keySet());
        names.addAll(now.keySet());
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            if (!Objects.equals(old.get(name), now.get(name))) {
                text.append(String.format("%s differs: %s, then %s%n", name, old.getOrDefault(name, "unknown"),
                        now.getOrDefault(name, "unknown")));
            }
        }
        return text.toString();
    }
}
