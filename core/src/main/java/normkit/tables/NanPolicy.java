package normkit.tables;

/** What an accumulator does with NaN. Transforms leave NaN as it is. */
public enum NanPolicy {
    /** NaN counts as a missing value: it is in no statistic, each column counting its own values. scikit-learn's. */
    OMIT,
    /** A NaN makes the statistics of its column NaN. NumPy's. */
    PROPAGATE,
    /** {@code add} throws, before anything has been added. */
    REJECT
}
