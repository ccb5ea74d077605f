package normkit.onednn;

import java.io.IOException;
import java.util.Optional;
import normkit.conformance.Tolerance;
import normkit.conformance.Values;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import normkit.spi.Support;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/**
 * The backend that runs on oneDNN. The library is loaded by {@link #probe}; constructing a backend loads nothing.
 * Whatever goes wrong there makes the backend unavailable and leaves everything else as it is.
 *
 * <p>Supported are f32 tensors of any rank, channels-first and channels-last: forward, inference and backward of batch,
 * layer, group and instance norm, and forward of RMS norm. Native tensors are used where they are; arrays are copied to
 * memory off the heap that is kept, and back. Runs take the caller's thread and, where a plan is parallel, OpenMP's,
 * whatever {@code OMP_NUM_THREADS} says. docs/onednn.md lists what is declined and why.
 *
 * <p>oneDNN sums in f32. With u = 2<sup>−24</sup>, n the number of elements in a set, κ = |mean|/√(variance + ε) and x̂
 * exact, y is within u·(8 + n/4)·(|γ|·(1 + |x̂| + κ) + |β|); given exact statistics, dx is within
 * 16·u·rstd·max|γ·dy|·(1 + κ), dγ within 8·u·Σ|dy|·(1 + |x̂| + κ) and dβ within 8·u·Σ|dy|. That holds where no square
 * of x − mean, or of x in RMS norm, overflows f32: beyond, from about 1e19 on, y is β and dx is 0.
 *
 * <p>The system property {@code normkit.onednn.maxIsa} caps the instruction set, for example at {@code avx2}; it is
 * read once, when the library is loaded.
 */
public final class OneDnnBackend implements Backend {

    private static final String UNAVAILABLE = "oneDNN is not available: ";

    /** Made by the service loader; loads nothing. */
    public OneDnnBackend() {
    }

    /**
     * Returns what this backend is held to by {@link normkit.conformance.Conformance}: errors grow with |mean|·rstd, and
     * values whose squares leave the range of f32, or are not finite, are left out.
     *
     * @return limits of errors
     */
    public static Tolerance tolerance() {
        String range = "squares leave the range of f32: oneDNN gives no error there, and no right result";
        return Tolerance.of(512, 1).leaving(Values.HUGE, range).leaving(Values.LARGEST, range)
                .leaving(Values.ONE_INFINITY, "oneDNN does not carry infinity to its whole set")
                .leaving(Values.ONE_NEGATIVE_INFINITY, "oneDNN does not carry infinity to its whole set");
    }

    @Override
    public String name() {
        return "onednn";
    }

    /** Returns a rank between the portable backend and the vectorized one. */
    @Override
    public int priority() {
        return 50;
    }

    /** Loads oneDNN, once in the process. */
    @Override
    public Availability probe() {
        try {
            String failure = Library.failure();
            return failure == null
                    ? new Availability.Available(Library.get().details())
                    : new Availability.Unavailable(failure);
        } catch (LinkageError e) {
            // The presets' own classes are missing, without which Library cannot even start to load.
            return new Availability.Unavailable(LoadFailure.describe(e));
        }
    }

    @Override
    public Support supports(Problem problem) {
        if (probe() instanceof Availability.Unavailable unavailable) {
            return new Support.Declined(UNAVAILABLE + unavailable.reason());
        }
        String reason = Declines.reason(problem);
        return reason == null ? ask(problem) : new Support.Declined(reason);
    }

    private static Support ask(Problem problem) {
        try {
            return Description.of(problem, 1).map(OneDnnBackend::accept).map(support -> Costs.priced(support, problem))
                    .orElseGet(() -> new Support.Declined("oneDNN has no implementation of it here"));
        } catch (IllegalStateException e) {
            return new Support.Declined(e.getMessage());
        }
    }

    private static Support accept(Description description) {
        try (description) {
            return new Support.Supported(description.implementation());
        }
    }

    /** Expects the implementation oneDNN usually has; what is declined without asking it is known. */
    @Override
    public Optional<Support> forecast(Problem problem) {
        String reason = Declines.reason(problem);
        return Optional.of(reason == null ? Costs.forecast(problem) : new Support.Declined(reason));
    }

    /** Returns the version of the presets and what caps the instruction set, as far as they tell without the library. */
    @Override
    public String edition() {
        try {
            String cap = System.getProperty(Isa.CAP_PROPERTY, System.getenv("ONEDNN_MAX_CPU_ISA"));
            return Loader.getVersion("org.bytedeco", "dnnl", dnnl.class) + (cap == null ? "" : " " + cap);
        } catch (IOException | LinkageError e) {
            return "unknown";
        }
    }

    /**
     * Compiles a problem.
     *
     * @throws IllegalArgumentException if the problem is one that {@link #supports} declines
     * @throws IllegalStateException if oneDNN is not available or fails
     */
    @Override
    public Execution prepare(Problem problem) {
        return prepare(problem, Parallelism.NONE);
    }

    /**
     * Compiles a problem for as many threads as asked for. They are OpenMP's own, not the executor's, and results may differ
     * in the last bits from those of one thread.
     *
     * @throws IllegalArgumentException if the problem is one that {@link #supports} declines
     * @throws IllegalStateException if oneDNN is not available or fails
     */
    @Override
    public Execution prepare(Problem problem, Parallelism parallelism) {
        if (probe() instanceof Availability.Unavailable unavailable) {
            throw new IllegalStateException(UNAVAILABLE + unavailable.reason());
        }
        String reason = Declines.reason(problem);
        if (reason != null) {
            throw new IllegalArgumentException("oneDNN does not run " + problem + ": " + reason);
        }
        return new OneDnnExecution(problem, parallelism.degree());
    }
}
