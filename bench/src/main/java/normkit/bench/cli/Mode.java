package normkit.bench.cli;

/** What {@code apply} and {@code explain} are asked for. */
enum Mode {
    /** Forward with statistics of the data. */
    TRAIN,
    /** Forward; batch norm with given statistics, the others as in training. */
    INFER,
    /** Gradients. */
    BACKWARD
}
