package normkit;

import java.util.Objects;
import normkit.dispatch.Carrier;
import normkit.dispatch.Effort;
import normkit.dispatch.Request;

/**
 * How a plan is made; immutable.
 *
 * @param backend name of the backend to force, or null to let the planner choose
 * @param forward whether the plan can run forward
 * @param backward whether the plan can run backward
 * @param effort how hard the planner looks for the fastest backend
 * @param carrier where the tensors are expected; the plan runs on others as well, perhaps not on the fastest backend
 * @param bitExact whether results have to be the defined ones to the last bit
 */
public record PlanOptions(String backend, boolean forward, boolean backward, Effort effort, Carrier carrier,
        boolean bitExact) {

    /** The planner chooses by estimate for native tensors; both directions. */
    public static final PlanOptions DEFAULT = new PlanOptions(null, true, true, Effort.ESTIMATE, Carrier.NATIVE, false);

    /** Checks that there is a direction, an effort and a carrier. */
    public PlanOptions {
        if (!forward && !backward) {
            throw new IllegalArgumentException("a plan needs a direction: forward, backward or both");
        }
        Objects.requireNonNull(effort, "effort");
        Objects.requireNonNull(carrier, "carrier");
    }

    /**
     * Forces a backend: planning throws if it is not available or declines.
     *
     * @param name for example {@code scalar}
     * @return changed options
     */
    public PlanOptions backend(String name) {
        return new PlanOptions(Objects.requireNonNull(name, "name"), forward, backward, effort, carrier, bitExact);
    }

    /**
     * Restricts the plan to forward passes.
     *
     * @return changed options
     */
    public PlanOptions forwardOnly() {
        return new PlanOptions(backend, true, false, effort, carrier, bitExact);
    }

    /**
     * Restricts the plan to backward passes.
     *
     * @return changed options
     */
    public PlanOptions backwardOnly() {
        return new PlanOptions(backend, false, true, effort, carrier, bitExact);
    }

    /**
     * Sets how hard the planner looks for the fastest backend. {@link Effort#MEASURE} takes one to three seconds per pass the
     * first time, and memory for the tensors.
     *
     * @param newEffort the effort
     * @return changed options
     */
    public PlanOptions effort(Effort newEffort) {
        return new PlanOptions(backend, forward, backward, newEffort, carrier, bitExact);
    }

    /**
     * Sets where the tensors are expected.
     *
     * @param newCarrier in native memory or in arrays
     * @return changed options
     */
    public PlanOptions carrier(Carrier newCarrier) {
        return new PlanOptions(backend, forward, backward, effort, newCarrier, bitExact);
    }

    /**
     * Leaves out backends whose results are not those docs/numerics.md defines, to the last bit, but stay within a bound of
     * error, such as oneDNN's. Results are then the same on every machine, and accurate whatever the offset of the data.
     *
     * @return changed options
     */
    public PlanOptions exact() {
        return new PlanOptions(backend, forward, backward, effort, carrier, true);
    }

    /**
     * Returns what these options ask of the planner.
     *
     * @return the request
     */
    public Request request() {
        return new Request(backend, effort, carrier, 1, bitExact);
    }
}
