package normkit;

import java.util.Objects;
import java.util.concurrent.Executor;
import normkit.dispatch.Carrier;
import normkit.dispatch.Effort;
import normkit.dispatch.Request;
import normkit.spi.Parallelism;

/**
 * How a plan is made; immutable.
 *
 * @param backend name of the backend to force, or null to let the planner choose
 * @param forward whether the plan can run forward
 * @param backward whether the plan can run backward
 * @param effort how hard the planner looks for the fastest backend
 * @param carrier where the tensors are expected; the plan runs on others as well, perhaps not on the fastest backend
 * @param bitExact whether results have to be the defined ones to the last bit
 * @param parallelism how many threads share one execution
 */
public record PlanOptions(String backend, boolean forward, boolean backward, Effort effort, Carrier carrier,
        boolean bitExact, Parallelism parallelism) {

    /** The planner chooses by estimate for native tensors; both directions. */
    public static final PlanOptions DEFAULT =
            new PlanOptions(null, true, true, Effort.ESTIMATE, Carrier.NATIVE, false, Parallelism.NONE);

    /** Checks that there is a direction, an effort and a carrier. */
    public PlanOptions {
        if (!forward && !backward) {
            throw new IllegalArgumentException("a plan needs a direction: forward, backward or both");
        }
        Objects.requireNonNull(effort, "effort");
        Objects.requireNonNull(carrier, "carrier");
        Objects.requireNonNull(parallelism, "parallelism");
    }

    /**
     * Forces a backend: planning throws if it is not available or declines.
     *
     * @param name for example {@code scalar}
     * @return changed options
     */
    public PlanOptions backend(String name) {
        return new PlanOptions(Objects.requireNonNull(name, "name"), forward, backward, effort, carrier, bitExact,
                parallelism);
    }

    /**
     * Restricts the plan to forward passes.
     *
     * @return changed options
     */
    public PlanOptions forwardOnly() {
        return new PlanOptions(backend, true, false, effort, carrier, bitExact, parallelism);
    }

    /**
     * Restricts the plan to backward passes.
     *
     * @return changed options
     */
    public PlanOptions backwardOnly() {
        return new PlanOptions(backend, false, true, effort, carrier, bitExact, parallelism);
    }

    /**
     * Sets how hard the planner looks for the fastest backend. {@link Effort#MEASURE} takes two to five seconds per pass the
     * first time, and memory for the tensors.
     *
     * @param newEffort the effort
     * @return changed options
     */
    public PlanOptions effort(Effort newEffort) {
        return new PlanOptions(backend, forward, backward, newEffort, carrier, bitExact, parallelism);
    }

    /**
     * Sets where the tensors are expected.
     *
     * @param newCarrier in native memory or in arrays
     * @return changed options
     */
    public PlanOptions carrier(Carrier newCarrier) {
        return new PlanOptions(backend, forward, backward, effort, newCarrier, bitExact, parallelism);
    }

    /**
     * Leaves out backends whose results are not those docs/numerics.md defines, to the last bit, but stay within a bound of
     * error, such as oneDNN's. Results are then the same on every machine, and accurate whatever the offset of the data.
     *
     * @return changed options
     */
    public PlanOptions exact() {
        return new PlanOptions(backend, forward, backward, effort, carrier, true, parallelism);
    }

    /**
     * Lets several threads share one execution: the calling one and others of an executor. The result's bits are the same
     * as on one thread. Tensors must be accessible to those threads, so not of a confined arena. The calling thread does what
     * no other has begun, so that a busy executor only costs speed, and executions may be called from its own threads. If a
     * thread fails, the execution throws once all others have stopped. Interrupting the calling thread does not end an
     * execution; its status is kept.
     *
     * <p>Every plan that takes options shares its passes over tensors; what is computed once per set or parameter, and the
     * copies that padded norms make, stay with the calling thread. Techniques whose plans take no options (Lp norm, local
     * response norm, weight norm, spectral norm, folding of batch norm, and the scalers of tables) run on the calling thread
     * alone.
     *
     * @param executor where the other threads come from, for example {@link java.util.concurrent.ForkJoinPool#commonPool}
     * @param degree number of threads, the calling one included, 1 to {@value Parallelism#MOST}; more than the machine has
     *        cores is slower
     * @return changed options
     */
    public PlanOptions parallel(Executor executor, int degree) {
        return new PlanOptions(backend, forward, backward, effort, carrier, bitExact,
                new Parallelism(executor, degree));
    }

    /**
     * Returns what a planner is asked for.
     *
     * @return the request
     */
    public Request request() {
        return new Request(backend, effort, carrier, parallelism, bitExact);
    }
}
