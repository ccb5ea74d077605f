package normkit.spi;

import java.util.concurrent.Executor;

/**
 * How many threads share one execution, and where they come from: the calling thread, which always does its part, and
 * further ones of the caller's executor. The result's bits do not depend on it. An executor that is busy, rejects tasks
 * or runs them late costs speed only: the calling thread does whatever no other thread has begun, so that executions may
 * be called from the threads of the very executor they are given. Immutable.
 *
 * @param executor runs the parts of the other threads; null if there is none
 * @param degree number of threads, the calling one included, 1 … {@value #MOST}
 */
public record Parallelism(Executor executor, int degree) {

    /** Most threads an execution is divided among: no set is cut into more pieces. */
    public static final int MOST = 64;

    /** The calling thread alone. */
    public static final Parallelism NONE = new Parallelism(null, 1);

    /** Checks that the degree is in range and that there is an executor if it is above 1. */
    public Parallelism {
        if (degree < 1 || degree > MOST) {
            throw new IllegalArgumentException("degree is " + degree + "; it must be 1 to " + MOST);
        }
        if (degree > 1 && executor == null) {
            throw new NullPointerException("executor is null; a degree of " + degree + " needs one");
        }
    }
}
