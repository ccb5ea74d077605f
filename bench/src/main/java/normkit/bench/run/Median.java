package normkit.bench.run;

import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * The time of a call from the iterations of all JVMs: one in which the JVM compiled once more may be as long as hundreds of
 * calls, and the median leaves it out.
 */
public final class Median {

    private Median() {
    }

    /**
     * Returns the median.
     *
     * @param times times in any order
     * @return the middle one, or the average of the two in the middle; empty if there are none
     */
    public static OptionalDouble of(DoubleStream times) {
        double[] sorted = times.sorted().toArray();
        int n = sorted.length;
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
    }
}
