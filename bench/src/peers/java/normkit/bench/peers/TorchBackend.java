package normkit.bench.peers;

import java.io.IOException;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch through the JavaCPP presets: the functions behind PyTorch's modules, called without autograd on views of the
 * caller's memory. Where libtorch computes into memory of its own only, which is everywhere but in the forward pass of
 * batch norm, the result is copied, as its own generated {@code _out} functions do. Instance norm is its group norm of one
 * channel per group, which is faster than its batch norm of many channels. Statistics are f32 there. Those of RMS norm stay
 * inside; a caller who saves them gets NaN.
 *
 * <p>A call uses as many threads as a plan's degree says, its own and further ones of the library.
 */
public final class TorchBackend implements Backend {

    /** Made by the service loader; loads nothing. */
    public TorchBackend() {
    }

    private static final class Library {

        static final Availability AVAILABILITY = load();

        private static Availability load() {
            try {
                Loader.load(torch.class);
                try (BytePointer capability = torch.get_cpu_capability()) {
                    return new Availability.Available(
                            "libtorch " + version() + ", " + capability.getString());
                }
            } catch (LinkageError | RuntimeException | IOException e) {
                return new Availability.Unavailable("libtorch cannot be loaded: " + e);
            }
        }

        /** Presets are called by the version of the library and their own. */
        private static String version() throws IOException {
            return Loader.getVersion("org.bytedeco", "pytorch", torch.class).replaceFirst("-.*", "");
        }
    }

    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public boolean onlyByName() {
        return true;
    }

    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    /** Loads libtorch, once in the process. */
    @Override
    public Availability probe() {
        return Library.AVAILABILITY;
    }

    @Override
    public Support supports(Problem problem) {
        String reason = reason(problem);
        return reason == null ? new Support.Supported(function(problem)) : new Support.Declined(reason);
    }

    private static String reason(Problem problem) {
        if (problem.operation() == Operation.RMS_NORM) {
            if (problem.pass() == Pass.BACKWARD) {
                return "libtorch has no gradient of RMS norm for CPUs but the one autograd derives";
            }
            if (problem.hasShift()) {
                return "libtorch's RMS norm has no shift";
            }
        }
        return Declines.reason(problem);
    }

    private static String function(Problem problem) {
        String function = switch (problem.operation()) {
            case LAYER_NORM -> "native_layer_norm";
            case RMS_NORM -> "rms_norm";
            case BATCH_NORM -> "native_batch_norm";
            case GROUP_NORM, INSTANCE_NORM -> "native_group_norm";
        };
        return problem.pass().backward() ? function + "_backward" : function;
    }

    @Override
    public Execution prepare(Problem problem) {
        return prepare(problem, Parallelism.NONE);
    }

    @Override
    public Execution prepare(Problem problem, Parallelism parallelism) {
        return new PooledExecution(() -> new TorchExecution(problem, parallelism.degree()));
    }
}
