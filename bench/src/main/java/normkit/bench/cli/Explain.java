package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Element;
import normkit.bench.files.Picture;
import normkit.bench.options.ProblemOptions;
import normkit.bench.options.ShapeConverter;
import normkit.bench.run.Shape;
import normkit.bench.run.Workload;
import normkit.dispatch.Carrier;
import normkit.dispatch.Effort;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the dispatch decision for one problem. */
@Command(name = "explain", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Tells which backend would run a problem, and what every backend answers.")
final class Explain implements Callable<Integer> {

    @picocli.CommandLine.Parameters(index = "0", paramLabel = "OP", converter = OperationConverter.class, completionCandidates = OperationConverter.class, description = "${COMPLETION-CANDIDATES}")
    private Operation operation;

    @Mixin
    private ProblemOptions options;

    @ArgGroup(multiplicity = "1")
    private Input input;

    @Option(names = "--type", paramLabel = "T", defaultValue = "f4", description = "element type with --shape: f2, f4 or f8 (default: f4)")
    private Element element;

    @Option(names = "--affine", paramLabel = "A", description = "none, scale, shift or both (default: both; rms_norm: scale)")
    private Parameters affine;

    @Option(names = "--effort", paramLabel = "E", defaultValue = "estimate", description = "estimate, or measure, which times the candidates now (default: estimate)")
    private Effort effort;

    @Option(names = "--carrier", paramLabel = "C", defaultValue = "native", description = "where the tensors will be: native or heap (default: native)")
    private Carrier carrier;

    @Option(names = "--exact", description = "leaves out backends whose results are not the defined ones to the last bit, as apply does")
    private boolean exact;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "how many threads will share an execution, 1 to 64 (default: 1)")
    private int threads;

    @Spec
    private picocli.CommandLine.Model.CommandSpec spec;

    /** Where shape and type come from. */
    private static final class Input {

        @Option(names = "--shape", paramLabel = "AxB", required = true, converter = ShapeConverter.class, description = "shape of x in memory order, such as 32x64x56x56")
        private Shape shape;

        @Option(names = "--x", paramLabel = "FILE", required = true, description = "a .npy file or picture of that shape and type")
        private Path x;
    }

    /** Which of γ and β there are. */
    private enum Parameters {
        NONE, SCALE, SHIFT, BOTH
    }

    @Override
    public Integer call() {
        Parameters given =
                affine != null ? affine : operation == Operation.RMS_NORM ? Parameters.SCALE : Parameters.BOTH;
        Problem problem = options.problem(operation, specOfX(), given == Parameters.SCALE || given == Parameters.BOTH,
                given == Parameters.SHIFT || given == Parameters.BOTH);
        try {
            spec.commandLine().getOut().println(Planner.here().decide(problem, request()).explain());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new BadInputException(e.getMessage(), e);
        }
        return 0;
    }

    private Request request() {
        return Request.DEFAULT.backend(options.backend()).effort(effort).carrier(carrier).exact(exact)
                .parallel(Selection.parallelism(threads));
    }

    private TensorSpec specOfX() {
        Layout layout = options.layout(Workload.layout(operation));
        if (input.x != null) {
            try (Arena arena = Arena.ofConfined()) {
                return Picture.readAny(input.x, layout, arena).tensor(layout).spec();
            }
        }
        try {
            return TensorSpec.of(element.dataType(), layout, input.shape.axes());
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--shape: " + e.getMessage(), e);
        }
    }
}
