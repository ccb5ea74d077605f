package normkit.bench.run;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Runs something until the VM has compiled it as far as it will: until no run has been faster than those before, and none has
 * allocated, for a while. How long that takes differs tenfold between machines. Until C2 is done with a kernel, its vectors
 * are objects and it takes up to a thousand times as long, at a pace that may be steady for half a second.
 */
public final class WarmUp {

    /** Least time between two looks at what was allocated. */
    private static final long WINDOW = Duration.ofMillis(50).toNanos();
    private static final long QUIET = Duration.ofMillis(500).toNanos();
    /** The same of what allocates in every run, as bindings of other libraries do. */
    private static final long STEADY = Duration.ofMillis(1500).toNanos();
    /** After which it is not for want of compiling that times vary. */
    private static final long MOST = Duration.ofSeconds(6).toNanos();
    private static final double GAIN = 0.95;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final LongSupplier clock;
    private final LongSupplier allocated;

    /**
     * Makes a warm-up.
     *
     * @param clock nanoseconds
     * @param allocated bytes that the calling thread has allocated so far
     */
    WarmUp(LongSupplier clock, LongSupplier allocated) {
        this.clock = clock;
        this.allocated = allocated;
    }

    /**
     * Warms something up on the calling thread; takes half a second to six.
     *
     * @param work what is run
     */
    public static void of(Runnable work) {
        new WarmUp(System::nanoTime, THREADS::getCurrentThreadAllocatedBytes).run(work);
    }

    void run(Runnable work) {
        long start = clock.getAsLong();
        long now = start;
        long gained = start;
        long quiet = start;
        long fastest = Long.MAX_VALUE;
        long beaten = fastest;
        while (now - quiet < QUIET && now - gained < STEADY && now - start < MOST) {
            long window = now;
            long bytes = allocated.getAsLong();
            do {
                work.run();
                long end = clock.getAsLong();
                fastest = Math.min(fastest, end - now);
                now = end;
            } while (now - window < WINDOW);
            if (fastest < GAIN * beaten) {
                beaten = fastest;
                gained = now;
                quiet = now;
            }
            if (allocated.getAsLong() > bytes) {
                quiet = now;
            }
        }
    }
}
