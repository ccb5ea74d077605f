package normkit.bench.study;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import normkit.bench.console.Digits;
import normkit.bench.console.TextTable;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.run.StolenTime;

/** A result for a person at a terminal. */
public final class Summary {

    private static final int LEFT_COLUMNS = 2;
    private static final double HUNDRED = 100;
    private static final int SMALLEST_OBJECT = 16;
    private static final double GIGA = 1e9;
    private static final String OURS = "simd";
    private static final String NONE = "-";

    private final ResultFile result;
    private final Figures figures;

    /**
     * Makes a summary.
     *
     * @param result what was measured
     */
    public Summary(ResultFile result) {
        this.result = result;
        this.figures = new Figures(result);
    }

    /**
     * Returns the summary: limits, then one line per problem and backend with its time, that time in those of a copy of x, how
     * much of the speed is reached that memory allows, and bytes allocated per call; then how simd does against the others, and whether the host of a
     * virtual machine disturbed it.
     *
     * @return lines of text
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        Limits limits = result.limits();
        if (!limits.bandwidth().isEmpty() || !limits.fma().isEmpty()) {
            text.append(bandwidths(limits)).append(System.lineSeparator());
            limits.fma().forEach(fma -> text.append(String.format(Locale.ROOT, "%s, %d bits: %.0f GFLOP/s%s%n",
                    fma.type(), fma.bits(), fma.flopsPerSecond() / GIGA, threads(fma.threads()))));
            text.append(System.lineSeparator());
        }
        if (!figures.problems().isEmpty()) {
            text.append(rows()).append(System.lineSeparator());
        }
        figures.backends().stream().filter(backend -> !backend.equals(OURS)).forEach(other -> figures
                .verdict(OURS, other).ifPresent(verdict -> text.append(verdict).append(System.lineSeparator())));
        StolenTime.complaint(result.stolen())
                .ifPresent(complaint -> text.append(complaint).append(System.lineSeparator()));
        return text.toString();
    }

    private static String threads(int threads) {
        return threads == 1 ? "" : ", " + threads + " threads";
    }

    private static TextTable bandwidths(Limits limits) {
        TextTable table = new TextTable(1);
        table.add(List.of("memory", "KiB", "GB/s"));
        limits.bandwidth().forEach(b -> table.add(List.of(b.kind() + threads(b.threads()),
                Long.toString(b.workingSet() >> 10), Digits.three(b.bytesPerSecond() / GIGA))));
        return table;
    }

    private TextTable rows() {
        TextTable table = new TextTable(LEFT_COLUMNS);
        table.add(List.of("problem", "backend", "us", "+-", "copies", "roofline", "bytes allocated"));
        for (Figures.Problem problem : figures.problems()) {
            for (Row row : figures.of(problem).values()) {
                table.add(List.of(problem.toString(), row.backend(), Digits.three(row.score()),
                        Double.isNaN(row.error()) ? NONE : Digits.three(row.error()),
                        digits(figures.ratio(problem, row.backend(), NormBenchmark.COPY)),
                        percent(figures.roofline(problem, row.backend())), allocated(row)));
            }
        }
        return table;
    }

    private static String digits(OptionalDouble value) {
        return value.isPresent() ? Digits.three(value.getAsDouble()) : NONE;
    }

    static String percent(OptionalDouble part) {
        return part.isPresent() ? Math.round(part.getAsDouble() * HUNDRED) + "%" : NONE;
    }

    /** What is less than one object per call comes from JMH itself, whose iterations allocate a little. */
    private static String allocated(Row row) {
        return Double.isNaN(row.allocated())
                ? NONE
                : row.allocated() < SMALLEST_OBJECT ? "0" : String.format(Locale.ROOT, "%.0f", row.allocated());
    }
}
