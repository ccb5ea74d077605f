package normkit.spi;

/** What is normalized together. */
public enum Operation {
    /** Over trailing axes, each row by itself. */
    LAYER_NORM,
    /** Over trailing axes by the root of the mean square, without subtracting the mean. */
    RMS_NORM,
    /** Over batch and spatial axes, each channel by itself. */
    BATCH_NORM,
    /** Over the spatial axes and the channels of a group, each sample by itself. */
    GROUP_NORM,
    /** Over the spatial axes, each sample and channel by itself. */
    INSTANCE_NORM;

    /**
     * Returns the usual name.
     *
     * @return for example {@code layer_norm}
     */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * Tells whether the mean is subtracted.
     *
     * @return false for RMS norm only
     */
    public boolean centred() {
        return this != RMS_NORM;
    }
}
