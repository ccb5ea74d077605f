package normkit.bench.study;

import java.util.List;
import java.util.OptionalDouble;
import normkit.bench.limits.Route;

/**
 * What the machine can do at best.
 *
 * @param bandwidth rates of memory
 * @param fma rates of multiply-adds
 */
record Limits(List<Bandwidth> bandwidth, List<Fma> fma) {

    Limits {
        bandwidth = List.copyOf(bandwidth);
        fma = List.copyOf(fma);
    }

    /**
     * How fast memory is, over all threads.
     *
     * @param kind name of a {@link Route}
     * @param workingSet bytes each thread touches
     * @param threads number of threads
     * @param bytesPerSecond rate of what is read and written
     * @param error half the width of its confidence interval
     */
    record Bandwidth(String kind, long workingSet, int threads, double bytesPerSecond, double error) {}

    /**
     * How fast multiply-adds are, over all threads.
     *
     * @param type {@code f32} or {@code f64}
     * @param bits size of a vector
     * @param threads number of threads
     * @param flopsPerSecond rate; a multiply-add counts as two
     * @param error half the width of its confidence interval
     */
    record Fma(String type, int bits, int threads, double flopsPerSecond, double error) {}

    /**
     * The least time to move memory, by the faster way to copy. Between the sizes that were measured the bandwidth is
     * interpolated by the logarithm of the size.
     *
     * @param traffic bytes each of the threads reads and writes
     * @param threads number of threads
     * @return microseconds; empty if no copy was measured with that many threads
     */
    OptionalDouble microseconds(long traffic, int threads) {
        double best =
                Math.max(bandwidth(Route.COPY, traffic, threads), bandwidth(Route.STREAMING_COPY, traffic, threads));
        return best > 0 ? OptionalDouble.of(threads * traffic / best * 1e6) : OptionalDouble.empty();
    }

    /** 0 if unknown. */
    private double bandwidth(Route kind, long workingSet, int threads) {
        Bandwidth below = null;
        Bandwidth above = null;
        for (Bandwidth b : bandwidth) {
            if (b.kind().equals(kind.toString()) && b.threads() == threads) {
                if (b.workingSet() <= workingSet && (below == null || b.workingSet() > below.workingSet())) {
                    below = b;
                }
                if (b.workingSet() >= workingSet && (above == null || b.workingSet() < above.workingSet())) {
                    above = b;
                }
            }
        }
        if (below == null || above == null) {
            return below != null ? below.bytesPerSecond() : above != null ? above.bytesPerSecond() : 0;
        }
        double whole = Math.log((double) above.workingSet() / below.workingSet());
        double part = whole == 0 ? 0 : Math.log((double) workingSet / below.workingSet()) / whole;
        return below.bytesPerSecond() + part * (above.bytesPerSecond() - below.bytesPerSecond());
    }
}
