package normkit.techniques;

import java.util.Arrays;
import normkit.moments.Moments;
import normkit.moments.Normalization;
import normkit.tensor.Statistics;

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

    private final int size;
    private final int setStride;
    private final int sampleStride;
    private final int channelStride;
    private final double epsilon;
    private final Moments pool = new Moments();
    private final Moments one = new Moments();
    private boolean given;

    private PooledMoments(int pools, int size, int setStride, int sampleStride, int channelStride, double epsilon) {
        this.size = size;
        this.setStride = setStride;
        this.sampleStride = sampleStride;
        this.channelStride = channelStride;
        this.epsilon = epsilon;
        mean = new double[pools];
        variance = new double[pools];
        rstd = new double[pools];
        meanGradient = new double[pools];
        varianceGradient = new double[pools];
    }

    /** Each set by itself. */
    static PooledMoments instance(int samples, int channels, double epsilon) {
        return new PooledMoments(samples * channels, 1, 1, channels, 1, epsilon);
    }

    /** One pool per channel. */
    static PooledMoments batch(int samples, int channels, double epsilon) {
        return new PooledMoments(channels, samples, channels, 0, 1, epsilon);
    }

    /** One pool per sample. */
    static PooledMoments layer(int samples, int channels, double epsilon) {
        return new PooledMoments(samples, channels, 1, 1, 0, epsilon);
    }

    /** Index of the pool a set is in. */
    int index(int sample, int channel) {
        return sample * sampleStride + channel * channelStride;
    }

    /** Index of the first set of a pool. */
    private int first(int p) {
        return setStride == 1 ? p * size : p;
    }

    /** Pools the moments of sets, in index order. */
    void pool(double[] means, double[] variances, double count) {
        given = false;
        for (int p = 0; p < mean.length; p++) {
            int first = first(p);
            if (size == 1) {
                take(p, means[first], variances[first]);
                continue;
            }
            pool.clear();
            for (int i = 0; i < size; i++) {
                int set = first + i * setStride;
                one.set(count, means[set], 0, variances[set] * count);
                pool.merge(one);
            }
            take(p, pool.mean(), pool.variance());
        }
    }

    /** Takes statistics that are constants, the running ones. */
    void give(Statistics constants) {
        given = true;
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
     * Adds to the gradients of sets' moments: a pool of k sets has ∂mean/∂meanₛ = 1/k, ∂variance/∂varianceₛ = 1/k and
     * ∂variance/∂meanₛ = 2·(meanₛ − mean)/k.
     */
    void pullBack(double[] means, double[] meanGradients, double[] varianceGradients) {
        if (given) {
            return;
        }
        for (int p = 0; p < mean.length; p++) {
            double m = meanGradient[p] / size;
            double v = varianceGradient[p] / size;
            for (int i = 0; i < size; i++) {
                int set = first(p) + i * setStride;
                meanGradients[set] += m + 2 * v * (means[set] - mean[p]);
                varianceGradients[set] += v;
            }
        }
    }
}
