package normkit.bench.cli;

import static normkit.bench.run.RegretRow.BOUND;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import normkit.bench.console.Digits;
import normkit.bench.console.TextTable;
import normkit.bench.run.CostFit;
import normkit.bench.run.RegretRow;
import normkit.bench.run.Stopwatch;
import normkit.dispatch.CostModel;
import normkit.dispatch.Decision;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.dispatch.Wisdom;
import normkit.spi.Backend;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what the planner's choices cost against the best ones. */
@Command(name = "regret", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Tells how much slower the backend that the planner chooses is than the fastest one, in the same run, for "
        + "the shapes of real models. Wisdom is left aside. A row above 1.05 is timed again, four times as long, and those "
        + "times count.")
final class Regret implements Callable<Integer> {

    private static final double MICRO = 1e3;
    private static final int LEFT_COLUMNS = 2;
    /** Width of a time. */
    private static final int NUMBER = 8;
    private static final String ESTIMATE = "estimate";
    private static final String REGRET = "regret";

    @Mixin
    private Selection selection;

    @Option(names = "--budget", paramLabel = "S", defaultValue = "2", description = "seconds to time the backends on a problem (default: 2)")
    private double budget;

    @Option(names = "--all", description = "prints every row, not only those above 1.05")
    private boolean all;

    @Option(names = "--costs", description = "also prints each backend's predicted and measured times, and the costs that would predict the measured ones best; tiny and odd shapes are added for them")
    private boolean costs;

    @Option(names = "--estimate-only", description = "leaves out what MEASURE would choose")
    private boolean estimateOnly;

    @Spec
    private CommandSpec spec;

    private final CostModel model = CostModel.here();
    private final Map<String, CostFit> fits = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final List<Double> estimated = new ArrayList<>();
    private final List<Double> measured = new ArrayList<>();
    private final Stopwatch stopwatch;

    Regret() {
        this(RegretRow::time);
    }

    Regret(Stopwatch stopwatch) {
        this.stopwatch = stopwatch;
    }

    @Override
    public Integer call() {
        Duration time = Selection.seconds("--budget", budget);
        List<Problem> problems = selection.problems(costs);
        ProblemTable table = new ProblemTable(spec, problems);
        int backend = ProblemTable.backends(ESTIMATE);
        TextTable predictions = new TextTable(LEFT_COLUMNS);
        predictions.add(List.of("problem", "implementation", "predicted us", "measured us", "ratio"));
        table.print(List.of("problem", "fastest", "us", ESTIMATE, REGRET, "measure", REGRET),
                List.of(backend, NUMBER, backend, REGRET.length(), backend, REGRET.length()),
                problem -> line(problem, time, predictions));
        PrintWriter out = spec.commandLine().getOut();
        summary(out, ESTIMATE, estimated);
        summary(out, "measure", measured);
        if (costs) {
            out.println();
            out.print(predictions);
            out.println();
            fits.forEach((name, fit) -> out.println(name + ": " + CostFit.source(fit.fit())));
        }
        complaints.forEach(out::println);
        out.flush();
        table.complain();
        return complaints.isEmpty() ? 0 : 1;
    }

    private Optional<List<String>> line(Problem problem, Duration time, TextTable predictions) {
        try {
            RegretRow row = RegretRow.of(problem, selection.request(), time, !estimateOnly, stopwatch);
            count(row);
            if (costs) {
                predict(row, predictions);
            }
            return all || row.worst() > BOUND ? Optional.of(cells(row)) : Optional.empty();
        } catch (IllegalStateException e) {
            complaints.add(e.getMessage());
            return Optional.empty();
        }
    }

    private void count(RegretRow row) {
        estimated.add(row.regret(row.estimate()));
        if (row.measure() != null) {
            measured.add(row.regret(row.measure()));
        }
    }

    private static List<String> cells(RegretRow row) {
        boolean both = row.measure() != null;
        return List.of(row.problem().toString(), row.fastest(), Digits.three(row.least() / MICRO),
                row.estimate().chosen().name(), Digits.three(row.regret(row.estimate())),
                both ? row.measure().chosen().name() : "-", both ? Digits.three(row.regret(row.measure())) : "-");
    }

    private void summary(PrintWriter out, String effort, List<Double> regrets) {
        if (regrets.isEmpty()) {
            return;
        }
        long within = regrets.stream().filter(r -> r <= BOUND).count();
        out.printf(Locale.ROOT, "%s: %d of %d rows within %.2f (%.0f%%), worst %.2f%n", effort, within, regrets.size(),
                BOUND, 100.0 * within / regrets.size(),
                regrets.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    private void predict(RegretRow row, TextTable predictions) {
        Planner planner = Planner.of(Wisdom.empty());
        for (Backend backend : RegretRow.able(row.problem())) {
            Decision forced = planner.decide(row.problem(), selection.request().backend(backend.name()));
            double time = row.times().of(backend.name()).orElse(Double.NaN);
            if (!Double.isNaN(time)) {
                String implementation = backend.name() + " " + forced.implementation();
                predictions.add(
                        List.of(row.problem().toString(), implementation, Digits.three(forced.nanoseconds() / MICRO),
                                Digits.three(time / MICRO), Digits.three(forced.nanoseconds() / time)));
                fits.computeIfAbsent(implementation + ", " + kind(row.problem()), k -> new CostFit())
                        .add(model.amounts(row.problem()), time);
            }
        }
    }

    /** What costs are told apart by, beside the implementation; without spatial axes, channels are last. */
    private static String kind(Problem problem) {
        boolean rows = problem.x().layout() == Layout.ROWS;
        return (rows ? "rows " : problem.hasPlanes() ? "planes " : "columns ") + problem.pass();
    }
}
