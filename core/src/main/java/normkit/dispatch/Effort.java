package normkit.dispatch;

/** How hard a planner looks for the fastest backend. */
public enum Effort {
    /** Predicts times from a model of the machine's caches and of each implementation; runs nothing. Microseconds. */
    ESTIMATE,
    /**
     * Times the candidates on buffers of the problem's size and remembers the result as {@link Wisdom}, so that a problem is
     * timed once. Two to five seconds the first time.
     */
    MEASURE
}
