package normkit.bench.options;

/** What {@code apply} and {@code explain} are asked for. */
public enum Mode {
    /** Forward with statistics of the data. */
    TRAIN,
    /** Forward; batch norm with given statistics, the others as in training. */
    INFER,
    /** Gradients. */
    BACKWARD
}
