package normkit.bench.peers;

import normkit.spi.Problem;
import normkit.tensor.Statistics;

/** Reads and writes the statistics of one set. */
record Saved(Statistics statistics, double epsilon) {

    static Saved of(Statistics statistics, Problem problem) {
        return new Saved(statistics, problem.epsilon());
    }

    float mean(long set) {
        return statistics.mean() == null ? 0 : (float) statistics.mean().get(set);
    }

    float rstd(long set) {
        return (float) (statistics.rstd() != null
                ? statistics.rstd().get(set)
                : 1 / Math.sqrt(statistics.variance().get(set) + epsilon));
    }

    /** Saves what is wanted. */
    void save(long set, double mean, double variance) {
        if (statistics.mean() != null) {
            statistics.mean().set(set, mean);
        }
        if (statistics.variance() != null) {
            statistics.variance().set(set, variance);
        }
        if (statistics.rstd() != null) {
            statistics.rstd().set(set, 1 / Math.sqrt(variance + epsilon));
        }
    }
}
