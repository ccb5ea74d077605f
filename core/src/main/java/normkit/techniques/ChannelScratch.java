package normkit.techniques;

import java.util.Arrays;
import normkit.engine.PerSet;
import normkit.engine.SetPasses;
import normkit.tensor.Tensor;

/** What one run of a technique over channels needs: the passes, and room for one number of each kind per channel. */
final class ChannelScratch {

    final SetPasses passes;
    final PerSet mean;
    final PerSet variance;
    final PerSet rstd;
    final PerSet gain;
    final PerSet offset;
    final PerSet sums;
    final PerSet dots;
    private final PerSet projection;
    private final PerSet constant;

    ChannelScratch(SetPasses passes) {
        this.passes = passes;
        this.mean = passes.perSet();
        this.variance = passes.perSet();
        this.rstd = passes.perSet();
        this.gain = passes.perSet();
        this.offset = passes.perSet();
        this.sums = passes.perSet();
        this.dots = passes.perSet();
        this.projection = passes.perSet();
        this.constant = passes.perSet();
    }

    int channels() {
        return passes.sets();
    }

    void takeMoments(Tensor x) {
        passes.moments(x, mean, variance);
    }

    /** Computes y = (x − mean)·gain + offset. */
    void apply(Tensor x, Tensor y) {
        passes.apply(x, mean, gain, offset, y);
    }

    /** Computes Σdy and Σdy·x̂ with x̂ = (x − mean)·rstd. */
    void takeSums(Tensor dy, Tensor x) {
        passes.gradientSums(dy, x, mean, rstd, sums, dots);
    }

    /** The sums over nothing. */
    void clearSums() {
        Arrays.fill(sums.values, 0);
        Arrays.fill(dots.values, 0);
    }

    /**
     * Computes dx = gain·(dy − Σdy/n − x̂·Σdy·x̂/n), where the sums may be over more than dy; changes gain and rstd.
     *
     * @param count n
     */
    void centredGradient(Tensor dy, Tensor x, double count, Tensor dx) {
        for (int c = 0; c < channels(); c++) {
            if (rstd.values[c] == 0) {
                // A channel without spread: x̂ and dx are 0, whatever x̂ is multiplied with.
                rstd.values[c] = 1;
                gain.values[c] = 0;
            }
            projection.values[c] = -gain.values[c] * (dots.values[c] / count);
            constant.values[c] = -gain.values[c] * (sums.values[c] / count);
        }
        passes.gradient(dy, x, mean, rstd, gain, projection, constant, dx);
    }

    static double at(Tensor parameter, int c, double otherwise) {
        return parameter == null ? otherwise : parameter.get(c);
    }

    /** Stores what is wanted. */
    static void store(double[] values, Tensor to) {
        if (to != null) {
            for (int c = 0; c < values.length; c++) {
                to.set(c, values[c]);
            }
        }
    }
}
