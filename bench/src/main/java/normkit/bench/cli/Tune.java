package normkit.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import normkit.bench.console.Digits;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.options.ShapeConverter;
import normkit.bench.run.LayoutName;
import normkit.bench.run.Shape;
import normkit.bench.run.Workload;
import normkit.dispatch.Decision;
import normkit.dispatch.Decision.Candidate;
import normkit.dispatch.Effort;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.dispatch.Wisdom;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures this machine and writes wisdom. */
@Command(name = "tune", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Times the backends on the shapes of real models, or on one of yours, and writes what is fastest to the "
        + "wisdom file, which every plan reads.")
final class Tune implements Callable<Integer> {

    private static final double MICRO = 1e3;
    private static final String FASTEST = "fastest";
    private static final String NOT_TIMED = "not timed";

    @Mixin
    private Selection selection;

    @ArgGroup(exclusive = false)
    private Own own;

    @Option(names = "--wisdom", paramLabel = "FILE", description = "the file; what it has already is kept (default: what normkit.wisdom or "
            + "NORMKIT_WISDOM names, else normkit/wisdom.txt in the user's cache directory)")
    private Path file;

    @Option(names = "--budget", paramLabel = "S", defaultValue = "2", description = "seconds for each problem at most (default: 2)")
    private double budget;

    @Spec
    private CommandSpec spec;

    /** A problem that is not of the list. */
    private static final class Own {

        @Option(names = "--op", paramLabel = "OP", required = true, converter = OperationConverter.class, description = "tunes every pass of this operation, with --shape, instead of the list")
        private Operation operation;

        @Option(names = "--shape", paramLabel = "AxB", required = true, converter = ShapeConverter.class, description = "shape of x in memory order")
        private Shape shape;

        @Option(names = "--layout", paramLabel = "L", description = "ncx or nxc (default: ncx; layer_norm and rms_norm: rows)")
        private LayoutName layout;

        @Option(names = "--groups", paramLabel = "G", defaultValue = "0", description = "groups of channels of group_norm")
        private long groups;

        private List<Problem> problems() {
            Layout order = layout != null ? layout.layout() : Workload.layout(operation);
            List<Pass> passes =
                    operation == Operation.BATCH_NORM ? List.of(Pass.values()) : List.of(Pass.FORWARD, Pass.BACKWARD);
            try {
                TensorSpec x = TensorSpec.of(DataType.F32, order, shape.axes());
                return passes.stream().map(pass -> Workload.problem(operation, pass, x, groups)).toList();
            } catch (IllegalArgumentException e) {
                throw new BadInputException(e.getMessage(), e);
            }
        }
    }

    @Override
    public Integer call() {
        Path target = file != null ? file : Wisdom.file();
        Duration time = Selection.seconds("--budget", budget);
        List<Problem> problems = own != null ? own.problems() : selection.problems(false);
        requireWritable(target);
        Wisdom wisdom = Wisdom.empty();
        Planner planner = Planner.of(wisdom, time);
        Request request = selection.request().effort(Effort.MEASURE);
        ProblemTable table = new ProblemTable(spec, problems);
        table.print(List.of("problem", FASTEST, "us", "others"),
                List.of(ProblemTable.backends(FASTEST), NOT_TIMED.length(), 0), problem -> {
                    Decision decision = planner.decide(problem, request);
                    write(wisdom, target);
                    return Optional.of(row(decision));
                });
        PrintWriter out = spec.commandLine().getOut();
        out.println(wisdom.size() + " problems written to " + target);
        out.flush();
        table.complain();
        return 0;
    }

    /** Before the time is spent. */
    private static void requireWritable(Path target) {
        Outputs.requireDirectory(target.toAbsolutePath().getParent());
        if (Files.exists(target) && !Wisdom.replaceable(target)) {
            throw new BadInputException(target + " is not a wisdom file of this version; it is not overwritten");
        }
    }

    /** After each problem, so that a run of minutes can be ended early. */
    private static void write(Wisdom wisdom, Path target) {
        try {
            wisdom.exportTo(target);
        } catch (IOException e) {
            throw new BadInputException("--wisdom " + target + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static List<String> row(Decision decision) {
        String chosen = decision.chosen().name();
        List<String> others =
                decision.candidates().stream().filter(c -> !c.backend().equals(chosen) && !Double.isNaN(c.measured()))
                        .map(c -> c.backend() + " " + time(c)).toList();
        String time = decision.source() == Decision.Source.MEASURED
                ? Digits.three(decision.nanoseconds() / MICRO)
                : NOT_TIMED;
        return List.of(decision.problem().toString(), chosen, time,
                others.isEmpty() ? decision.source().toString() : String.join(", ", others));
    }

    private static String time(Candidate candidate) {
        return Digits.three(candidate.measured() / MICRO);
    }
}
