package normkit.bench.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import normkit.bench.run.CostFit;
import normkit.dispatch.Backends;
import normkit.dispatch.CostModel;
import normkit.dispatch.Decision;
import normkit.dispatch.Decision.Candidate;
import normkit.dispatch.Effort;
import normkit.dispatch.Measurement;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.dispatch.Wisdom;
import normkit.spi.Backend;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Layout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what the planner's choices cost against the best ones. */
@Command(name = "regret", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Tells how much slower the backend that the planner chooses is than the fastest one, in the same run, for "
        + "the shapes of real models. Wisdom is left aside.")
final class Regret implements Callable<Integer> {

    private static final double BOUND = 1.05;
    private static final double MICRO = 1e3;
    private static final int LEFT_COLUMNS = 2;

    @Mixin
    private Selection selection;

    @Option(names = "--budget", paramLabel = "S", defaultValue = "1", description = "seconds to time the backends on a problem (default: 1)")
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

    @Override
    public Integer call() {
        Duration time = Selection.seconds("--budget", budget);
        List<Problem> problems = selection.problems(costs);
        TextTable table = new TextTable(LEFT_COLUMNS);
        table.add(List.of("problem", "fastest", "us", "estimate", "regret", "measure", "regret"));
        TextTable predictions = new TextTable(LEFT_COLUMNS);
        predictions.add(List.of("problem", "implementation", "predicted us", "measured us", "ratio"));
        long start = System.nanoTime();
        try (Progress progress = new Progress()) {
            for (int i = 0; i < problems.size(); i++) {
                progress.show("problem " + (i + 1) + " of " + problems.size(),
                        Progress.left(start, i, problems.size()));
                try {
                    row(problems.get(i), time, table, predictions);
                } catch (IllegalStateException e) {
                    complaints.add(e.getMessage());
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(table);
        summary(out, "estimate", estimated);
        summary(out, "measure", measured);
        if (costs) {
            out.println();
            out.print(predictions);
            out.println();
            fits.forEach((name, fit) -> out.println(name + ": " + CostFit.source(fit.fit())));
        }
        complaints.forEach(out::println);
        out.flush();
        return complaints.isEmpty() ? 0 : 1;
    }

    private void row(Problem problem, Duration time, TextTable table, TextTable predictions) {
        Decision estimate = decide(problem, Effort.ESTIMATE, time);
        Decision measure = estimateOnly ? null : decide(problem, Effort.MEASURE, time);
        Measurement truth = Measurement.of(problem, able(problem), Backends.named("scalar").backend(),
                selection.carrier(), time, true);
        if (truth.nanoseconds().isEmpty()) {
            throw new IllegalStateException("no backend runs " + problem + " right: " + truth.rejected());
        }
        String best = truth.nanoseconds().keySet().iterator().next();
        double least = truth.of(best).orElseThrow();
        double first = regret(truth, estimate, least, estimated);
        double second = measure == null ? 0 : regret(truth, measure, least, measured);
        if (all || first > BOUND || second > BOUND) {
            table.add(List.of(problem.toString(), best, number(least / MICRO), estimate.chosen().name(), number(first),
                    measure == null ? "-" : measure.chosen().name(), measure == null ? "-" : number(second)));
        }
        if (costs) {
            predict(problem, truth, predictions);
        }
    }

    private Decision decide(Problem problem, Effort effort, Duration time) {
        return Planner.of(Wisdom.empty(), time).decide(problem,
                Request.DEFAULT.effort(effort).carrier(selection.carrier()));
    }

    private static List<Backend> able(Problem problem) {
        return Backends.all().stream().filter(Backends.Probed::available).map(Backends.Probed::backend)
                .filter(b -> b.supports(problem) instanceof Support.Supported).toList();
    }

    /** A backend that was chosen but is wrong has no time, which is beyond every bound. */
    private static double regret(Measurement truth, Decision decision, double least, List<Double> all) {
        double regret = truth.of(decision.chosen().name()).orElse(Double.POSITIVE_INFINITY) / least;
        all.add(regret);
        return regret;
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

    private void predict(Problem problem, Measurement truth, TextTable predictions) {
        for (Candidate candidate : candidates(problem)) {
            double time = truth.of(candidate.backend()).orElse(Double.NaN);
            if (candidate.supported() && !Double.isNaN(time)) {
                String implementation = candidate.backend() + " " + candidate.detail();
                predictions.add(List.of(problem.toString(), implementation, number(candidate.estimated() / MICRO),
                        number(time / MICRO), number(candidate.estimated() / time)));
                fits.computeIfAbsent(implementation + ", " + kind(problem), k -> new CostFit())
                        .add(model.amounts(problem), time);
            }
        }
    }

    /** Every backend's answer: a decision by measurement would take its time, so one is forced after another. */
    private static List<Candidate> candidates(Problem problem) {
        Planner planner = Planner.of(Wisdom.empty());
        return able(problem).stream()
                .flatMap(b -> planner.decide(problem, Request.DEFAULT.backend(b.name())).candidates().stream())
                .filter(Candidate::supported).toList();
    }

    /** What costs are told apart by, beside the implementation; without spatial axes, channels are last. */
    private static String kind(Problem problem) {
        boolean rows = problem.x().layout() == Layout.ROWS;
        boolean planes = problem.x().layout() == Layout.CHANNELS_FIRST && problem.x().spatial() > 1;
        return (rows ? "rows " : planes ? "planes " : "columns ") + problem.pass();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
