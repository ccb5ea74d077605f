package normkit.onednn;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the runs under way and remembers that an execution was closed: freed memory must not be run on, and what runs
 * must not be freed, even if a caller closes too early. Thread-safe.
 */
final class Lifetime {

    private static final int CLOSED = Integer.MIN_VALUE;

    private final AtomicInteger state = new AtomicInteger();

    /** Begins a run. */
    void enter() {
        int runs;
        do {
            runs = state.get();
            if (runs < 0) {
                throw new IllegalStateException("the execution is closed");
            }
        } while (!state.compareAndSet(runs, runs + 1));
    }

    /** Ends a run; returns true if it was the last one after closing, so that the caller has to free. */
    boolean exit() {
        return state.decrementAndGet() == CLOSED;
    }

    /** Closes; returns true if that is news and nothing runs, so that the caller has to free. */
    boolean close() {
        return state.getAndUpdate(s -> s | CLOSED) == 0;
    }
}
