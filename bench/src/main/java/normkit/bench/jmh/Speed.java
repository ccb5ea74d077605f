package normkit.bench.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * How fast an exercise runs now.
 *
 * @param micros microseconds per execution: the least of all windows, since disturbances only add to it
 * @param bytes bytes the calling thread allocated per execution
 */
record Speed(double micros, long bytes) {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WINDOWS = 60;
    private static final long WINDOW_NANOS = 10_000_000;
    private static final double NANOS_PER_MICRO = 1e3;

    /** Measures for about half a second. */
    static Speed of(Exercise exercise) {
        long runs = 0;
        double least = Double.POSITIVE_INFINITY;
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        for (int window = 0; window < WINDOWS; window++) {
            int inWindow = 0;
            long start = System.nanoTime();
            long nanos;
            do {
                exercise.run();
                inWindow++;
                nanos = System.nanoTime() - start;
            } while (nanos < WINDOW_NANOS);
            runs += inWindow;
            least = Math.min(least, nanos / NANOS_PER_MICRO / inWindow);
        }
        return new Speed(least, (THREADS.getCurrentThreadAllocatedBytes() - allocated) / runs);
    }
}
