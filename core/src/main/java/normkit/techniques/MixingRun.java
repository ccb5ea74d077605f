package normkit.techniques;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.engine.PerSet;
import normkit.moments.Normalization;
import normkit.parts.Slices;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * What one run of a technique that mixes statistics needs, and the steps all such techniques share. Set n·C + c is sample n
 * of channel c. The technique turns the moments of sets and of pools of sets into y = (x − centre)·gain + offset per set;
 * backward it is given Σdy and Σdy·(x − mean) per set, and adds to the gradients of the pools' moments and of parameters.
 *
 * @param <P> the technique's parameters
 */
abstract class MixingRun<P extends MixingParameters> {

    final InstancePasses passes;
    final MixingArguments arguments = new MixingArguments();
    final int channels;
    final int sets;
    /** The sets of each channel. */
    final Slices perChannel;

    /** γ and β per channel: 1 and 0 where the description has none. */
    final double[] scale;
    final double[] shift;
    final double[] scaleGradient;

    final PerSet mean;
    final PerSet variance;
    final PerSet centre;
    final PerSet gain;
    final PerSet offset;
    final PerSet sums;
    /** Σdy·(x − mean). */
    final PerSet products;
    final PooledMoments batch;

    private final double epsilon;
    private final PooledMoments[] pools;
    private final double[] shiftGradient;
    private final PerSet rstd;
    private final PerSet meanGradient;
    private final PerSet varianceGradient;
    private final double[] work = new double[Doubles.BLOCK];

    /**
     * Makes room.
     *
     * @param batch the pool per channel, which running statistics replace in inference
     * @param others the other pools the technique mixes
     */
    MixingRun(InstancePasses passes, int samples, int channels, double epsilon, PooledMoments batch,
            PooledMoments... others) {
        this.passes = passes;
        this.channels = channels;
        this.sets = samples * channels;
        this.perChannel = Slices.columns(channels);
        this.epsilon = epsilon;
        this.batch = batch;
        this.pools = Arrays.copyOf(others, others.length + 1);
        this.pools[others.length] = batch;
        scale = new double[channels];
        shift = new double[channels];
        scaleGradient = new double[channels];
        shiftGradient = new double[channels];
        mean = passes.perSet();
        variance = passes.perSet();
        centre = passes.perSet();
        gain = passes.perSet();
        offset = passes.perSet();
        sums = passes.perSet();
        products = passes.perSet();
        rstd = passes.perSet();
        meanGradient = passes.perSet();
        varianceGradient = passes.perSet();
    }

    /** Reads the technique's own parameters, other than γ and β. */
    abstract void read(P parameters);

    /** Fills {@link #centre}, {@link #gain} and {@link #offset} from the moments of pools. */
    abstract void mix();

    /**
     * Adds to the gradients of the pools' moments, of γ and of the technique's own parameters, from {@link #sums} and
     * {@link #products}.
     */
    abstract void pullBack();

    /** Stores the gradients of the technique's own parameters that are wanted, and makes them 0 again. */
    abstract void store(P gradients);

    /** Normalizes with statistics of x, or with those given instead of the batch's. */
    final void forward(Tensor x, P parameters, Statistics given, Tensor y) {
        passes.moments(x, mean, variance);
        pool(given);
        load(parameters);
        mix();
        passes.apply(x, centre, gain, offset, y);
    }

    private void pool(Statistics given) {
        for (PooledMoments moments : pools) {
            if (moments == batch && given != null) {
                moments.give(given);
            } else {
                moments.pool(mean.values, variance.values);
            }
        }
    }

    private void load(P parameters) {
        load(parameters.scale(), scale, 1);
        load(parameters.shift(), shift, 0);
        read(parameters);
    }

    /** Reads a parameter that may be missing. */
    static void load(Tensor from, double[] to, double missing) {
        for (int i = 0; i < to.length; i++) {
            to[i] = from == null ? missing : from.get(i);
        }
    }

    /** Stores a gradient if it is wanted, and makes it 0 again. */
    static void unload(double[] from, Tensor to) {
        for (int i = 0; to != null && i < from.length; i++) {
            to.set(i, from[i]);
        }
        Arrays.fill(from, 0);
    }

    /** Computes the gradients that are wanted. */
    final void backward(Tensor dy, Tensor x, P parameters, Statistics saved, Tensor dx, P gradients) {
        passes.load(saved.mean(), mean);
        passes.load(saved.variance(), variance);
        pool(null);
        load(parameters);
        mix();
        sum(dy, x);
        clear();
        pullBack();
        if (dx != null) {
            gradient(dy, x, dx);
        }
        storeGradients(gradients);
    }

    final void storeGradients(P gradients) {
        unload(scaleGradient, gradients.scale());
        unload(shiftGradient, gradients.shift());
        store(gradients);
    }

    private void sum(Tensor dy, Tensor x) {
        if (passes.count() == 1) {
            Arrays.fill(rstd.values, 1);
        } else {
            invert();
        }
        passes.gradientSums(dy, x, mean, rstd, sums, products);
        for (int set = 0; set < sets; set++) {
            products.values[set] /= rstd.values[set];
        }
        for (int start = 0; start < sets; start += Doubles.BLOCK) {
            int n = block(start);
            System.arraycopy(sums.values, start, work, 0, n);
            perChannel.add(start, n, work, shiftGradient);
        }
    }

    private void invert() {
        for (int set = 0; set < sets; set++) {
            double r = Normalization.rstd(variance.values[set], epsilon);
            // Any factor serves where there is no spread.
            rstd.values[set] = r == 0 ? 1 : r;
        }
    }

    /** How many sets to take at once from one on. */
    final int block(int start) {
        return Math.min(Doubles.BLOCK, sets - start);
    }

    private void clear() {
        for (PooledMoments moments : pools) {
            moments.clearGradients();
        }
        Arrays.fill(meanGradient.values, 0);
        Arrays.fill(varianceGradient.values, 0);
    }

    /** With count elements in a set, ∂mean/∂x = 1/count and ∂variance/∂x = 2·(x − mean)/count. */
    private void gradient(Tensor dy, Tensor x, Tensor dx) {
        for (PooledMoments moments : pools) {
            moments.pullBack(mean.values, meanGradient.values, varianceGradient.values);
        }
        for (int set = 0; set < sets; set++) {
            meanGradient.values[set] /= passes.count();
            varianceGradient.values[set] *= 2 / (passes.count() * rstd.values[set]);
        }
        passes.gradient(dy, x, mean, rstd, gain, varianceGradient, meanGradient, dx);
    }
}
