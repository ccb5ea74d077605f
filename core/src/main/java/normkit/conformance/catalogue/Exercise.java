package normkit.conformance.catalogue;

/** A technique, planned for one case, with the tensors it works on and the formula it has to follow. */
interface Exercise extends AutoCloseable {

    /** Forward, then backward; called as often as wanted, each time after the tensors have been filled. */
    void run();

    /** Writes down what must come out. */
    void formula(Formula f);

    @Override
    default void close() {
        // Nothing to free, unless there is a plan.
    }
}
