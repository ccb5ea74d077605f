package normkit.spi;

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
     * Returns the rank among backends that support a problem; the highest is preferred.
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
     * Tells whether this backend solves a problem. Asked only when available.
     *
     * @param problem the problem
     * @return supported with the implementation's name, or declined with the reason
     */
    Support supports(Problem problem);

    /**
     * Makes an execution of a supported problem.
     *
     * @param problem a problem this backend supports
     * @return a new execution; the caller closes it
     */
    Execution prepare(Problem problem);
}
