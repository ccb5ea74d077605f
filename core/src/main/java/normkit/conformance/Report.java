package normkit.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param backend name of the backend
 * @param rows one per operation and pass, and one per technique, in order
 * @param failures all of them
 */
public record Report(String backend, List<Row> rows, List<Failure> failures) {

    /**
     * One operation and pass, or one technique.
     *
     * @param subject name of the operation or technique
     * @param pass name of the pass; both at once for a technique
     * @param cases how many cases were run
     * @param failures how many of them failed
     * @param worstUlps the largest error that was within its limit
     * @param worstCase name of the case it occurred in, empty if there was no error
     * @param declined how many cases were not run, by reason
     */
    public record Row(String subject, String pass, int cases, int failures, double worstUlps, String worstCase,
            Map<String, Integer> declined) {
        /** Copies the map. */
        public Row {
            declined = Map.copyOf(declined);
        }
    }

    /**
     * One failure.
     *
     * @param caseName name of the case, from which it can be run again
     * @param output what was wrong: a tensor's name, or a check's
     * @param message what it was and what it must be
     */
    public record Failure(String caseName, String output, String message) {}

    /** Copies the lists. */
    public Report {
        rows = List.copyOf(rows);
        failures = List.copyOf(failures);
    }

    /**
     * Adds what came of another run of the same backend.
     *
     * @param other the other run
     * @return both
     */
    public Report and(Report other) {
        List<Row> allRows = new ArrayList<>(rows);
        allRows.addAll(other.rows);
        List<Failure> allFailures = new ArrayList<>(failures);
        allFailures.addAll(other.failures);
        return new Report(backend, allRows, allFailures);
    }

    /**
     * Tells whether nothing failed and something was run.
     *
     * @return true if the backend is as it must be
     */
    public boolean clean() {
        return failures.isEmpty() && rows.stream().anyMatch(row -> row.cases() > 0);
    }

    /**
     * Renders a table, then what was declined, then the first failures.
     *
     * @return some lines of text
     */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%-23s %-15s %6s %6s %9s %9s  %s%n", backend, "pass", "cases", "failed", "declined",
                "worst ulp", "in case"));
        for (Row row : rows) {
            int declined = row.declined().values().stream().mapToInt(Integer::intValue).sum();
            text.append(String.format(Locale.ROOT, "%-23s %-15s %6d %6d %9d %9.2f  %s%n", row.subject(), row.pass(),
                    row.cases(), row.failures(), declined, row.worstUlps(), row.worstCase()));
        }
        for (Row row : rows) {
            row.declined().forEach((reason, n) -> text
                    .append(String.format("%s %s: %d declined: %s%n", row.subject(), row.pass(), n, reason)));
        }
        failures.stream().limit(20).forEach(
                f -> text.append(String.format("FAILED %s%n  %s: %s%n", f.caseName(), f.output(), f.message())));
        if (failures.size() > 20) {
            text.append(String.format("and %d more failures%n", failures.size() - 20));
        }
        return text.toString();
    }
}
