package normkit.techniques;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.moments.Normalization;
import normkit.parts.Slices;
import normkit.tensor.Statistics;
import normkit.tensor.TensorSpec;

/**
 * Mean, variance and 1/√(variance + ε) of pools of sets, where set n·C + c is sample n of channel c: of each set by itself
 * as for instance norm, over the samples as for batch norm, or over the channels as for layer norm. All sets are of one
 * size. On the way back it hands the gradients of its pools' moments to those of their sets.
 */
final class PooledMoments {

    final double[] mean;
    final double[] variance;
    final double[] rstd;
    final double[] meanGradient;
    final double[] varianceGradient;

    private final Slices slices;
    /** Whether a pool has every so-many-th set, not those that follow each other. */
    private final boolean batch;
    private final int sets;
    private final double epsilon;
    private final double[] rest;
    private final double[] squares;
    private final double[] work = new double[Doubles.BLOCK];
    private final double[] more = new double[Doubles.BLOCK];

    private PooledMoments(Slices slices, boolean batch, int sets, double epsilon) {
        this.slices = slices;
        this.batch = batch;
        this.sets = sets;
        this.epsilon = epsilon;
        int count = slices.count();
        mean = new double[count];
        variance = new double[count];
        rstd = new double[count];
        meanGradient = new double[count];
        varianceGradient = new double[count];
        rest = new double[count];
        squares = new double[count];
    }

    /** Each set by itself. */
    static PooledMoments instance(int samples, int channels, double epsilon) {
        return new PooledMoments(Slices.columns((long) samples * channels), true, samples * channels, epsilon);
    }

    /** One pool per channel. */
    static PooledMoments batch(int samples, int channels, double epsilon) {
        return new PooledMoments(Slices.columns(channels), true, samples * channels, epsilon);
    }

    /** One pool per sample. */
    static PooledMoments layer(int samples, int channels, double epsilon) {
        return new PooledMoments(Slices.along(TensorSpec.rows(samples, channels), 1), false, samples * channels,
                epsilon);
    }

    /** Number of sets in a pool; all pools have as many. */
    private int size() {
        return mean.length == 0 ? 0 : sets / mean.length;
    }

    private int block(int start) {
        return Math.min(Doubles.BLOCK, sets - start);
    }

    /**
     * Gives sets the values of their pools.
     *
     * @param start the first set
     * @param n how many
     * @param perPool one value per pool
     * @param perSet receives {@code n} values
     */
    void expand(int start, int n, double[] perPool, double[] perSet) {
        slices.expand(start, n, perPool, perSet);
    }

    /**
     * Adds the values of sets to their pools.
     *
     * @param start the first set
     * @param n how many
     * @param perSet their values
     * @param perPool is added to
     */
    void add(int start, int n, double[] perSet, double[] perPool) {
        slices.add(start, n, perSet, perPool);
    }

    /**
     * Pools the moments of sets of one size. With k sets in a pool, p the mean of the first, q = p + Σ(mean − p)/k and d =
     * mean − q, the pool's mean is q + Σd/k and its variance (Σvariance + Σd² − (Σd)²/k)/k, all in double.
     */
    void pool(double[] means, double[] variances) {
        if (size() == 1) {
            // As they are: what is subtracted and added again may be another.
            for (int p = 0; p < mean.length; p++) {
                take(p, means[p], variances[p]);
            }
            return;
        }
        poolMeans(means);
        Arrays.fill(variance, 0);
        Arrays.fill(rest, 0);
        Arrays.fill(squares, 0);
        for (int start = 0; start < sets; start += Doubles.BLOCK) {
            int n = block(start);
            add(start, n, differences(means, mean, start, n), rest);
            for (int i = 0; i < n; i++) {
                work[i] *= work[i];
            }
            add(start, n, work, squares);
            System.arraycopy(variances, start, work, 0, n);
            add(start, n, work, variance);
        }
        for (int p = 0; p < mean.length; p++) {
            double spread = Math.max(0, squares[p] - rest[p] * (rest[p] / size()));
            take(p, mean[p] + rest[p] / size(), (variance[p] + spread) / size());
        }
    }

    private void poolMeans(double[] means) {
        double[] pivot = squares;
        for (int p = 0; p < pivot.length; p++) {
            pivot[p] = means[batch ? p : p * size()];
        }
        Arrays.fill(rest, 0);
        for (int start = 0; start < sets; start += Doubles.BLOCK) {
            int n = block(start);
            add(start, n, differences(means, pivot, start, n), rest);
        }
        for (int p = 0; p < pivot.length; p++) {
            mean[p] = pivot[p] + rest[p] / size();
        }
    }

    /** Fills {@link #work} with what the values of sets exceed those of their pools by. */
    private double[] differences(double[] perSet, double[] perPool, int start, int n) {
        expand(start, n, perPool, work);
        for (int i = 0; i < n; i++) {
            work[i] = perSet[start + i] - work[i];
        }
        return work;
    }

    /** Takes statistics that are constants, the running ones. */
    void give(Statistics constants) {
        for (int p = 0; p < mean.length; p++) {
            take(p, constants.mean().get(p), constants.variance().get(p));
        }
    }

    private void take(int p, double newMean, double newVariance) {
        mean[p] = newMean;
        variance[p] = newVariance;
        rstd[p] = Normalization.rstd(newVariance, epsilon);
    }

    void clearGradients() {
        Arrays.fill(meanGradient, 0);
        Arrays.fill(varianceGradient, 0);
    }

    /**
     * Adds to the gradients of sets' moments, using up those of pools: a pool of k sets has ∂mean/∂meanₛ = 1/k,
     * ∂variance/∂varianceₛ = 1/k and ∂variance/∂meanₛ = 2·(meanₛ − mean)/k.
     */
    void pullBack(double[] means, double[] meanGradients, double[] varianceGradients) {
        for (int p = 0; p < mean.length; p++) {
            meanGradient[p] /= size();
            varianceGradient[p] /= size();
        }
        for (int start = 0; start < sets; start += Doubles.BLOCK) {
            int n = block(start);
            differences(means, mean, start, n);
            expand(start, n, varianceGradient, more);
            for (int i = 0; i < n; i++) {
                work[i] *= 2 * more[i];
                varianceGradients[start + i] += more[i];
            }
            expand(start, n, meanGradient, more);
            for (int i = 0; i < n; i++) {
                meanGradients[start + i] += more[i] + work[i];
            }
        }
    }
}
