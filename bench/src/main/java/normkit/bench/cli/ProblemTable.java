package normkit.bench.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import normkit.bench.console.Progress;
import normkit.bench.console.TextColumns;
import normkit.bench.run.StolenTime;
import normkit.dispatch.Backends;
import normkit.spi.Problem;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A table with a line per problem, which begins with the problem and a backend. Lines are printed as they come: a run of minutes
 * that is ended early has told something.
 */
final class ProblemTable {

    private static final int LEFT_COLUMNS = 2;

    private final CommandSpec spec;
    private final List<Problem> problems;
    private final StolenTime stolen = new StolenTime();

    ProblemTable(CommandSpec spec, List<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    /** The width of a column of backends. */
    static int backends(String header) {
        return TextColumns.widest(
                Stream.concat(Stream.of(header), Backends.all().stream().map(probed -> probed.backend().name())));
    }

    /**
     * Prints the table.
     *
     * @param header of all columns
     * @param widths of those after the problem
     * @param line makes a line's cells, or none
     */
    void print(List<String> header, List<Integer> widths, Function<Problem, Optional<List<String>>> line) {
        PrintWriter out = spec.commandLine().getOut();
        TextColumns columns = new TextColumns(LEFT_COLUMNS,
                Stream.concat(Stream.of(TextColumns.widest(problems.stream())), widths.stream()).toList());
        out.println(columns.line(header));
        out.flush();
        long start = System.nanoTime();
        try (Progress progress = new Progress()) {
            for (int i = 0; i < problems.size(); i++) {
                Problem problem = problems.get(i);
                progress.show("problem " + (i + 1) + " of " + problems.size() + ": " + problem,
                        Progress.left(start, i, problems.size()));
                line.apply(problem).ifPresent(cells -> {
                    progress.clear();
                    out.println(columns.line(cells));
                    out.flush();
                });
            }
        }
    }

    /** Tells on the error stream if the host disturbed what was measured since the table was made. */
    void complain() {
        StolenTime.complaint(stolen.share()).ifPresent(spec.commandLine().getErr()::println);
    }
}
