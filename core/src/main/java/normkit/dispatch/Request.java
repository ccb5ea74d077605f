package normkit.dispatch;

import java.util.Objects;
import normkit.spi.Parallelism;

/**
 * What a planner is asked for beside the problem; immutable.
 *
 * @param backend name of the backend to force, or null to follow the process's setting or choose freely
 * @param effort how hard to look
 * @param carrier where the tensors are expected
 * @param parallelism how many threads share one execution
 * @param exact whether only backends whose results are the defined ones to the last bit may be chosen
 */
public record Request(String backend, Effort effort, Carrier carrier, Parallelism parallelism, boolean exact) {

    /** Any backend, by estimate, for native tensors and one thread. */
    public static final Request DEFAULT = new Request(null, Effort.ESTIMATE, Carrier.NATIVE, Parallelism.NONE, false);

    /** Checks that the parts are there. */
    public Request {
        Objects.requireNonNull(effort, "effort");
        Objects.requireNonNull(carrier, "carrier");
        Objects.requireNonNull(parallelism, "parallelism");
    }

    /**
     * Forces a backend.
     *
     * @param name its name; null to choose freely
     * @return changed request
     */
    public Request backend(String name) {
        return new Request(name, effort, carrier, parallelism, exact);
    }

    /**
     * Sets the effort.
     *
     * @param newEffort how hard to look
     * @return changed request
     */
    public Request effort(Effort newEffort) {
        return new Request(backend, newEffort, carrier, parallelism, exact);
    }

    /**
     * Sets where the tensors are expected.
     *
     * @param newCarrier where
     * @return changed request
     */
    public Request carrier(Carrier newCarrier) {
        return new Request(backend, effort, newCarrier, parallelism, exact);
    }

    /**
     * Sets how many threads share one execution.
     *
     * @param wanted how many, and where they come from
     * @return changed request
     */
    public Request parallel(Parallelism wanted) {
        return new Request(backend, effort, carrier, wanted, exact);
    }

    /**
     * Returns how many threads share one execution.
     *
     * @return at least 1
     */
    public int threads() {
        return parallelism.degree();
    }

    /**
     * Sets whether results have to be the defined ones.
     *
     * @param wanted true to leave out backends that only stay within a bound of error
     * @return changed request
     */
    public Request exact(boolean wanted) {
        return new Request(backend, effort, carrier, parallelism, wanted);
    }
}
