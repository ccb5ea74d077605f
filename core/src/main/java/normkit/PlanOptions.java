package normkit;

import java.util.Objects;

/**
 * How a plan is made; immutable.
 *
 * @param backend name of the backend to force, or null to let the planner choose
 * @param forward whether the plan can run forward
 * @param backward whether the plan can run backward
 */
public record PlanOptions(String backend, boolean forward, boolean backward) {

    /** The planner chooses; both directions. */
    public static final PlanOptions DEFAULT = new PlanOptions(null, true, true);

    /** Checks that there is a direction. */
    public PlanOptions {
        if (!forward && !backward) {
            throw new IllegalArgumentException("a plan needs a direction: forward, backward or both");
        }
    }

    /**
     * Forces a backend: planning throws if it is not available or declines.
     *
     * @param name for example {@code scalar}
     * @return changed options
     */
    public PlanOptions backend(String name) {
        return new PlanOptions(Objects.requireNonNull(name, "name"), forward, backward);
    }

    /**
     * Restricts the plan to forward passes.
     *
     * @return changed options
     */
    public PlanOptions forwardOnly() {
        return new PlanOptions(backend, true, false);
    }

    /**
     * Restricts the plan to backward passes.
     *
     * @return changed options
     */
    public PlanOptions backwardOnly() {
        return new PlanOptions(backend, false, true);
    }
}
