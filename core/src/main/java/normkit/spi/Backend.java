package normkit.spi;

import java.util.Optional;

/**
 * A set of implementations, found through {@link java.util.ServiceLoader}. Implementations are thread-safe; constructing
 * one is cheap and loads nothing native.
 */
public interface Backend {

    /**
     * Returns the name users force it by.
     *
     * @return for example {@code scalar}
     */
    String name();

    /**
     * Returns what else than its name decides how fast this backend is here, such as a version or the size of a vector.
     * Times that were measured count only while this stays the same. Never throws and loads nothing native.
     *
     * @return a few words without line breaks, by default none
     */
    default String edition() {
        return "";
    }

    /**
     * Tells whether the results are those the library defines, to the last bit, in every problem this backend supports.
     *
     * @return true if so; by default false
     */
    default boolean exact() {
        return false;
    }

    /**
     * Tells whether this backend runs only where it is forced by name, as one does that is here to be compared with. No
     * planner chooses it by itself, whatever its cost.
     *
     * @return true if so; by default false
     */
    default boolean onlyByName() {
        return false;
    }

    /**
     * Returns the rank among backends that support a problem at a cost unknown or equal; the highest is preferred.
     *
     * @return 0 for the portable backend, more for faster ones
     */
    int priority();

    /**
     * Finds out whether this backend can run here. Never throws; may be slow at first and answers the same every time.
     *
     * @return available, or the first cause why not
     */
    Availability probe();

    /**
     * Foretells what {@link #supports} would answer, without {@link #probe} and without loading anything native. A planner
     * leaves a backend unprobed that would not win by its own forecast.
     *
     * @param problem the problem
     * @return the expected answer; empty, as by default, if only asking tells
     */
    default Optional<Support> forecast(Problem problem) {
        return Optional.empty();
    }

    /**
     * Tells whether this backend solves a problem. Asked, by way of {@link #answer}, only when available.
     *
     * @param problem the problem
     * @return supported with the implementation's name and cost, or declined with the reason
     */
    Support supports(Problem problem);

    /**
     * Tells whether {@link #supports} is to be asked about problems that have a {@link Fusion}. A backend that knows nothing
     * of fusions would solve another problem.
     *
     * @return true if so; by default false
     */
    default boolean fuses() {
        return false;
    }

    /**
     * Returns what {@link #supports} answers, or declines fused problems for a backend that does not fuse. This is what to
     * ask a backend.
     *
     * @param problem the problem
     * @return supported with the implementation's name and cost, or declined with the reason
     */
    default Support answer(Problem problem) {
        return problem.fusion().any() && !fuses()
                ? new Support.Declined("fused " + problem.fusion() + " is not supported")
                : supports(problem);
    }

    /**
     * Makes an execution of a supported problem.
     *
     * @param problem a problem this backend supports
     * @return a new execution; the caller closes it
     */
    Execution prepare(Problem problem);

    /**
     * Returns the kernels that techniques are made of, beyond the operations of a {@link Problem}.
     *
     * @return kernels whose results are the defined ones; empty, as by default, if there are none
     */
    default Optional<KernelProvider> kernels() {
        return Optional.empty();
    }

    /**
     * Makes an execution of a supported problem that several threads share.
     *
     * @param problem a problem this backend supports
     * @param parallelism how many threads, and where they come from
     * @return a new execution; the caller closes it. By default that of {@link #prepare(Problem)}, on one thread whatever is
     *         asked for
     */
    default Execution prepare(Problem problem, Parallelism parallelism) {
        return prepare(problem);
    }
}
