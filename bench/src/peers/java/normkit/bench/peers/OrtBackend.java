package normkit.bench.peers;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * ONNX Runtime: a model of one operator, which reads the caller's memory and writes to it. γ and β that a problem does not
 * have are ones and zeros. Of its operators only layer normalization tells its statistics; a caller who saves those of
 * another gets NaN.
 *
 * <p>A call uses as many threads as a plan's degree says, its own and further ones of the library.
 */
public final class OrtBackend implements Backend {

    /** Made by the service loader; loads nothing. */
    public OrtBackend() {
    }

    private static final class Library {

        static final Availability AVAILABILITY = load();

        private static Availability load() {
            try {
                String version = OrtEnvironment.getEnvironment().getVersion();
                return new Availability.Available("ONNX Runtime " + version);
            } catch (LinkageError | RuntimeException e) {
                return new Availability.Unavailable("ONNX Runtime cannot be loaded: " + e);
            }
        }
    }

    @Override
    public String name() {
        return "onnxruntime";
    }

    @Override
    public boolean onlyByName() {
        return true;
    }

    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    /** Loads ONNX Runtime, once in the process. */
    @Override
    public Availability probe() {
        return Library.AVAILABILITY;
    }

    @Override
    public Support supports(Problem problem) {
        String reason = reason(problem);
        return reason == null
                ? new Support.Supported(OrtExecution.operator(problem.operation()))
                : new Support.Declined(reason);
    }

    private static String reason(Problem problem) {
        TensorSpec x = problem.x();
        if (problem.pass().backward()) {
            return "ONNX Runtime for Java runs models forward";
        }
        if (problem.operation() == Operation.BATCH_NORM && problem.pass() == Pass.FORWARD) {
            return "ONNX Runtime is built without batch norm in training mode";
        }
        if (problem.operation() == Operation.RMS_NORM && problem.hasShift()) {
            return "the operator RMSNormalization has no shift";
        }
        if (x.layout() == Layout.CHANNELS_LAST && x.spatial() > 1 && x.channels() > 1) {
            return "ONNX's operators are channels-first";
        }
        if (x.byteSize() > Integer.MAX_VALUE) {
            return "x has " + x.byteSize() + " bytes; a Java buffer has at most " + Integer.MAX_VALUE;
        }
        return Declines.reason(problem);
    }

    @Override
    public Execution prepare(Problem problem) {
        return prepare(problem, Parallelism.NONE);
    }

    @Override
    public Execution prepare(Problem problem, Parallelism parallelism) {
        return new PooledExecution(() -> {
            try {
                return new OrtExecution(problem, parallelism.degree());
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime cannot prepare " + problem + ": " + e.getMessage(), e);
            }
        });
    }
}
