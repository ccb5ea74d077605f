package normkit.techniques;

/**
 * The arithmetic of γ·(a·x̂ + b·x̂′) + β, where x̂ and x̂′ are x normalized with the statistics of two kinds of pools and a
 * and b are weights per channel.
 */
final class NormSum {

    final double[] firstWeight;
    final double[] secondWeight;
    final double[] firstGradient;
    final double[] secondGradient;

    private final PooledMoments first;
    private final PooledMoments second;

    NormSum(PooledMoments first, PooledMoments second, int channels) {
        this.first = first;
        this.second = second;
        firstWeight = new double[channels];
        secondWeight = new double[channels];
        firstGradient = new double[channels];
        secondGradient = new double[channels];
    }

    /** See {@link MixingRun#mix}. */
    void mix(MixingRun<?> run) {
        for (int n = 0, set = 0; n < run.samples; n++) {
            for (int c = 0; c < run.channels; c++, set++) {
                int i = first.index(n, c);
                int j = second.index(n, c);
                double a = run.scale[c] * firstWeight[c] * first.rstd[i];
                double b = run.scale[c] * secondWeight[c] * second.rstd[j];
                run.gain.values[set] = a + b;
                // The centre of the larger term, so that a term of weight 1 beside one of weight 0 comes out as it is alone.
                boolean firstIsLarger = Math.abs(a) >= Math.abs(b);
                double distance = first.mean[i] - second.mean[j];
                run.centre.values[set] = firstIsLarger ? first.mean[i] : second.mean[j];
                run.offset.values[set] = run.shift[c] + (firstIsLarger ? b * distance : -a * distance);
            }
        }
    }

    /** See {@link MixingRun#pullBack}. */
    void pullBack(MixingRun<?> run) {
        for (int n = 0, set = 0; n < run.samples; n++) {
            for (int c = 0; c < run.channels; c++, set++) {
                pullBack(run, set, c, first, first.index(n, c), firstWeight, firstGradient);
                pullBack(run, set, c, second, second.index(n, c), secondWeight, secondGradient);
            }
        }
    }

    private static void pullBack(MixingRun<?> run, int set, int c, PooledMoments pool, int p, double[] weight,
            double[] weightGradient) {
        double sum = run.sums.values[set];
        double product = run.products.values[set] + (run.mean.values[set] - pool.mean[p]) * sum;
        double rstd = pool.rstd[p];
        double factor = run.scale[c] * weight[c];
        run.scaleGradient[c] += weight[c] * rstd * product;
        weightGradient[c] += run.scale[c] * rstd * product;
        pool.meanGradient[p] -= factor * rstd * sum;
        pool.varianceGradient[p] -= factor * product * 0.5 * rstd * rstd * rstd;
    }
}
