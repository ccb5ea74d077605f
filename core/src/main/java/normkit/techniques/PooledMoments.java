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

    private final int samples;
    private final int channels;
    private final int sampleStride;
    private final int channelStride;
    private final double epsilon;
    private final Moments[] pools;
    private final Moments set = new Moments();

    private PooledMoments(int samples, int channels, int sampleStride, int channelStride, int count, double epsilon) {
        this.samples = samples;
        this.channels = channels;
        this.sampleStride = sampleStride;
        this.channelStride = channelStride;
        this.epsilon = epsilon;
        mean = new double[count];
        variance = new double[count];
        rstd = new double[count];
        meanGradient = new double[count];
        varianceGradient = new double[count];
        pools = new Moments[size() == 1 ? 0 : count];
        Arrays.setAll(pools, p -> new Moments());
    }

    /** Each set by itself. */
    static PooledMoments instance(int samples, int channels, double epsilon) {
        return new PooledMoments(samples, channels, channels, 1, samples * channels, epsilon);
    }

    /** One pool per channel. */
    static PooledMoments batch(int samples, int channels, double epsilon) {
        return new PooledMoments(samples, channels, 0, 1, channels, epsilon);
    }

    /** One pool per sample. */
    static PooledMoments layer(int samples, int channels, double epsilon) {
        return new PooledMoments(samples, channels, 1, 0, samples, epsilon);
    }

    /** Number of sets in a pool; all pools have as many. */
    private int size() {
        return mean.length == 0 ? 0 : samples * channels / mean.length;
    }

    /** Index of the pool a set is in. */
    int index(int sample, int channel) {
        return sample * sampleStride + channel * channelStride;
    }

    /** Pools the moments of sets, in index order. */
    void pool(double[] means, double[] variances, double count) {
        if (size() == 1) {
            // As they are: a variance that is multiplied with a count and divided by it may be another.
            for (int p = 0; p < mean.length; p++) {
                take(p, means[p], variances[p]);
            }
            return;
        }
        for (Moments pool : pools) {
            pool.clear();
        }
        for (int n = 0, s = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++, s++) {
                set.set(count, means[s], 0, variances[s] * count);
                pools[index(n, c)].merge(set);
            }
        }
        for (int p = 0; p < mean.length; p++) {
            take(p, pools[p].mean(), pools[p].variance());
        }
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
        for (int n = 0, s = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++, s++) {
                int p = index(n, c);
                meanGradients[s] += meanGradient[p] + 2 * varianceGradient[p] * (means[s] - mean[p]);
                varianceGradients[s] += varianceGradient[p];
            }
        }
    }
}
