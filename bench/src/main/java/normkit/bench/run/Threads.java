package normkit.bench.run;

import java.util.concurrent.ForkJoinPool;
import normkit.spi.Parallelism;

/** How the command line gets threads to share an execution: from the pool every JVM has. */
public final class Threads {

    private Threads() {
    }

    /**
     * Returns the parallelism of some threads.
     *
     * @param count number of threads, the calling one included
     * @return none for one thread, else the common pool's
     * @throws IllegalArgumentException if the number is not 1 to {@value Parallelism#MOST}
     */
    public static Parallelism of(int count) {
        return count == 1 ? Parallelism.NONE : new Parallelism(ForkJoinPool.commonPool(), count);
    }
}
