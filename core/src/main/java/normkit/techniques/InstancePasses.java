package normkit.techniques;

import normkit.bulk.Doubles;
import normkit.engine.PerSet;
import normkit.engine.SetPasses;
import normkit.tensor.Tensor;

/**
 * The passes over sets of one sample and channel each. Without space, a set is a single element, set i element i, and its
 * moments are known: then it is faster to go over the elements than over the sets. As that is done in double by the same
 * code for every backend, results are as defined as those of kernels.
 */
final class InstancePasses {

    private static final int BLOCK = Doubles.BLOCK;

    private final SetPasses passes;
    private final boolean single;
    private final Doubles doubles = new Doubles();
    private final double[] values = new double[BLOCK];
    private final double[] gradients = new double[BLOCK];

    InstancePasses(SetPasses passes) {
        this.passes = passes;
        this.single = passes.count() == 1;
    }

    int sets() {
        return passes.sets();
    }

    double count() {
        return passes.count();
    }

    PerSet perSet() {
        return passes.perSet();
    }

    /** Reads one number per set. */
    void load(Tensor from, PerSet to) {
        doubles.read(from, 0, to.values.length, to.values, 0);
    }

    /** Stores one number per set, if it is wanted. */
    void store(PerSet from, Tensor to) {
        if (to != null) {
            doubles.write(from.values, 0, from.values.length, to, 0);
        }
    }

    private int block(int start) {
        return Math.min(BLOCK, sets() - start);
    }

    /** See {@link SetPasses#moments}. */
    void moments(Tensor x, PerSet mean, PerSet variance) {
        if (!single) {
            passes.moments(x, mean, variance);
            return;
        }
        doubles.read(x, 0, sets(), mean.values, 0);
        for (int i = 0; i < sets(); i++) {
            // 0, or NaN where the value is not finite.
            variance.values[i] = mean.values[i] - mean.values[i];
        }
    }

    /** See {@link SetPasses#apply}. */
    void apply(Tensor x, PerSet mean, PerSet gain, PerSet offset, Tensor y) {
        if (!single) {
            passes.apply(x, mean, gain, offset, y);
            return;
        }
        for (int start = 0; start < sets(); start += BLOCK) {
            int n = block(start);
            doubles.read(x, start, n, values, 0);
            apply(values, mean.values, gain.values, offset.values, start, n);
            doubles.write(values, 0, n, y, start);
        }
    }

    private static void apply(double[] x, double[] mean, double[] gain, double[] offset, int start, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = (x[i] - mean[start + i]) * gain[start + i] + offset[start + i];
        }
    }

    /** See {@link SetPasses#gradientSums}. */
    void gradientSums(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet toSums, PerSet toDots) {
        if (!single) {
            passes.gradientSums(dy, x, mean, rstd, toSums, toDots);
            return;
        }
        doubles.read(dy, 0, sets(), toSums.values, 0);
        doubles.read(x, 0, sets(), toDots.values, 0);
        multiply(toSums.values, toDots.values, mean.values, rstd.values);
    }

    /** Replaces x by dy·(x − mean)·rstd. */
    private static void multiply(double[] dy, double[] x, double[] mean, double[] rstd) {
        for (int i = 0; i < x.length; i++) {
            x[i] = dy[i] * (x[i] - mean[i]) * rstd[i];
        }
    }

    /** See {@link SetPasses#gradient}. */
    void gradient(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet gain, PerSet projection, PerSet constant,
            Tensor dx) {
        if (!single) {
            passes.gradient(dy, x, mean, rstd, gain, projection, constant, dx);
            return;
        }
        for (int start = 0; start < sets(); start += BLOCK) {
            int n = block(start);
            doubles.read(x, start, n, values, 0);
            doubles.read(dy, start, n, gradients, 0);
            for (int i = 0; i < n; i++) {
                values[i] = (values[i] - mean.values[start + i]) * rstd.values[start + i];
            }
            combine(gradients, values, gain.values, projection.values, constant.values, start, n);
            doubles.write(gradients, 0, n, dx, start);
        }
    }

    /** Replaces dy by dy·gain + x̂·projection + constant. */
    private static void combine(double[] dy, double[] normalized, double[] gain, double[] projection, double[] constant,
            int start, int n) {
        for (int i = 0; i < n; i++) {
            dy[i] = dy[i] * gain[start + i] + normalized[i] * projection[start + i] + constant[start + i];
        }
    }
}
