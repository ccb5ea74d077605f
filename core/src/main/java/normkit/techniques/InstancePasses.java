package normkit.techniques;

import normkit.engine.PerSet;
import normkit.engine.SetPasses;
import normkit.tensor.Tensor;

/**
 * The passes over sets of one sample and channel each. Without space, a set is a single element, set i element i, and its
 * moments are known: then it is faster to go over the elements than over the sets. As that is done in double by the same
 * code for every backend, results are as defined as those of kernels.
 */
final class InstancePasses {

    private final SetPasses passes;
    private final boolean single;

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

    /** See {@link SetPasses#moments}. */
    void moments(Tensor x, PerSet mean, PerSet variance) {
        if (!single) {
            passes.moments(x, mean, variance);
            return;
        }
        for (int i = 0; i < sets(); i++) {
            double value = x.get(i);
            mean.values[i] = value;
            // 0, or NaN where the value is not finite.
            variance.values[i] = value - value;
        }
    }

    /** See {@link SetPasses#apply}. */
    void apply(Tensor x, PerSet mean, PerSet gain, PerSet offset, Tensor y) {
        if (!single) {
            passes.apply(x, mean, gain, offset, y);
            return;
        }
        for (int i = 0; i < sets(); i++) {
            y.set(i, (x.get(i) - mean.values[i]) * gain.values[i] + offset.values[i]);
        }
    }

    /** See {@link SetPasses#gradientSums}. */
    void gradientSums(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet toSums, PerSet toDots) {
        if (!single) {
            passes.gradientSums(dy, x, mean, rstd, toSums, toDots);
            return;
        }
        for (int i = 0; i < sets(); i++) {
            double gradient = dy.get(i);
            toSums.values[i] = gradient;
            toDots.values[i] = gradient * (x.get(i) - mean.values[i]) * rstd.values[i];
        }
    }

    /** See {@link SetPasses#gradient}. */
    void gradient(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet gain, PerSet projection, PerSet constant,
            Tensor dx) {
        if (!single) {
            passes.gradient(dy, x, mean, rstd, gain, projection, constant, dx);
            return;
        }
        for (int i = 0; i < sets(); i++) {
            double normalized = (x.get(i) - mean.values[i]) * rstd.values[i];
            dx.set(i, dy.get(i) * gain.values[i] + normalized * projection.values[i] + constant.values[i]);
        }
    }
}
