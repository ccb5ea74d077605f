package normkit.bench.console;

import java.time.Duration;
import java.util.Locale;

/**
 * One line on the error stream that tells what is going on and how long it will take: rewritten in place on a terminal,
 * printed now and then otherwise.
 */
public final class Progress implements AutoCloseable {

    private static final Duration PRINT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration REWRITE_INTERVAL = Duration.ofMillis(100);
    private static final String START_OF_CLEARED_LINE = "\r\u001b[K";

    private final boolean terminal = System.console() != null && System.console().isTerminal();
    private long last = System.nanoTime() - PRINT_INTERVAL.toNanos();

    /** Shows nothing yet. */
    public Progress() {
    }

    /**
     * Shows what is going on.
     *
     * @param what a few words
     * @param left how long it will still take; nothing is said of it while it is zero, which is to say unknown
     */
    public void show(String what, Duration left) {
        long now = System.nanoTime();
        if (now - last < (terminal ? REWRITE_INTERVAL : PRINT_INTERVAL).toNanos()) {
            return;
        }
        last = now;
        String line = left.isZero()
                ? what
                : String.format(Locale.ROOT, "%s, about %d s left", what, Math.max(1, left.toSeconds()));
        if (terminal) {
            System.err.print(START_OF_CLEARED_LINE + line);
            System.err.flush();
        } else {
            System.err.println(line);
        }
    }

    /**
     * Tells how long a job of many equal parts will still take if it goes on as before.
     *
     * @param start when it began, as of {@link System#nanoTime()}
     * @param done number of parts that are done
     * @param of number of all parts
     * @return the time left, zero as long as nothing is done
     */
    public static Duration left(long start, int done, int of) {
        long elapsed = System.nanoTime() - start;
        return done == 0 ? Duration.ZERO : Duration.ofNanos(elapsed / done * (of - done));
    }

    /** Removes the line from a terminal, so that something else can be printed there. */
    public void clear() {
        if (terminal) {
            System.err.print(START_OF_CLEARED_LINE);
            System.err.flush();
        }
    }

    /** Removes the line from a terminal. */
    @Override
    public void close() {
        clear();
    }
}
