package normkit.spi;

/** The direction of a problem and where its statistics come from. */
public enum Pass {
    /** Forward with statistics of the data itself, optionally saved. */
    FORWARD,
    /** Forward with statistics the caller gives (batch norm inference). */
    INFERENCE,
    /** Gradient of {@link #FORWARD}. */
    BACKWARD,
    /** Gradient of {@link #INFERENCE}: the statistics are constants (frozen batch norm). */
    FROZEN_BACKWARD;

    /**
     * Tells whether this pass computes gradients.
     *
     * @return true for the two backward passes
     */
    public boolean backward() {
        return this == BACKWARD || this == FROZEN_BACKWARD;
    }
}
