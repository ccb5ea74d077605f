package normkit.techniques;

import java.util.Arrays;
import normkit.bulk.Doubles;

/**
 * The arithmetic of γ·(a·x̂ + b·x̂′) + β, where x̂ and x̂′ are x normalized with the statistics of two kinds of pools and a
 * and b are weights per channel.
 */
final class NormSum {

    /** One of the two terms: per channel, and for a block of sets at a time. */
    static final class Term {

        final double[] weight;
        final double[] weightGradient;

        private final PooledMoments pools;
        /** γ·weight. */
        private final double[] factor;
        private final double[] slope;
        private final double[] factors = new double[Doubles.BLOCK];
        private final double[] rstds = new double[Doubles.BLOCK];
        private final double[] means = new double[Doubles.BLOCK];

        private Term(PooledMoments pools, int channels) {
            this.pools = pools;
            weight = new double[channels];
            weightGradient = new double[channels];
            factor = new double[channels];
            slope = new double[channels];
        }

        private void load(double[] scale) {
            for (int c = 0; c < factor.length; c++) {
                factor[c] = scale[c] * weight[c];
            }
        }

        private void expand(MixingRun<?> run, int start, int n) {
            run.perChannel.expand(start, n, factor, factors);
            pools.expand(start, n, pools.rstd, rstds);
            pools.expand(start, n, pools.mean, means);
        }

        private void pullBack(MixingRun<?> run) {
            Arrays.fill(slope, 0);
            for (int start = 0; start < run.sets; start += Doubles.BLOCK) {
                int n = run.block(start);
                expand(run, start, n);
                pullBack(run.sums.values, run.products.values, run.mean.values, start, n);
                run.perChannel.add(start, n, means, slope);
                pools.add(start, n, factors, pools.meanGradient);
                pools.add(start, n, rstds, pools.varianceGradient);
            }
            for (int c = 0; c < slope.length; c++) {
                run.scaleGradient[c] += weight[c] * slope[c];
                weightGradient[c] += run.scale[c] * slope[c];
            }
        }

        /** Replaces factors and rstds by the gradients of the pool's mean and variance, and means by Σdy·x̂. */
        private void pullBack(double[] sums, double[] products, double[] setMeans, int start, int n) {
            for (int i = 0; i < n; i++) {
                double sum = sums[start + i];
                double rstd = rstds[i];
                double dot = rstd * (products[start + i] + (setMeans[start + i] - means[i]) * sum);
                double gain = -factors[i] * rstd;
                means[i] = dot;
                factors[i] = gain * sum;
                rstds[i] = gain * dot * (0.5 * rstd);
            }
        }
    }

    final Term first;
    final Term second;

    private final double[] shifts = new double[Doubles.BLOCK];

    NormSum(PooledMoments first, PooledMoments second, int channels) {
        this.first = new Term(first, channels);
        this.second = new Term(second, channels);
    }

    /** See {@link MixingRun#mix}. */
    void mix(MixingRun<?> run) {
        first.load(run.scale);
        second.load(run.scale);
        for (int start = 0; start < run.sets; start += Doubles.BLOCK) {
            int n = run.block(start);
            first.expand(run, start, n);
            second.expand(run, start, n);
            run.perChannel.expand(start, n, run.shift, shifts);
            mix(run.centre.values, run.gain.values, run.offset.values, start, n);
        }
    }

    private void mix(double[] centre, double[] gain, double[] offset, int start, int n) {
        for (int i = 0; i < n; i++) {
            double a = first.factors[i] * first.rstds[i];
            double b = second.factors[i] * second.rstds[i];
            gain[start + i] = a + b;
            // The centre of the larger term, so that a term of weight 1 beside one of weight 0 comes out as it is alone.
            boolean firstIsLarger = Math.abs(a) >= Math.abs(b);
            double distance = first.means[i] - second.means[i];
            centre[start + i] = firstIsLarger ? first.means[i] : second.means[i];
            offset[start + i] = shifts[i] + (firstIsLarger ? b * distance : -a * distance);
        }
    }

    /** See {@link MixingRun#pullBack}. */
    void pullBack(MixingRun<?> run) {
        first.pullBack(run);
        second.pullBack(run);
    }
}
