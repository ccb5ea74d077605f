package normkit.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Mean and variance, as oneDNN has them: f32, in buffers of its own, converted from and to what the caller has. Where
 * the caller has a reciprocal standard deviation r, the variance is 1/r² − ε. Rounding it to f32 moves variance + ε by
 * at most 2<sup>-24</sup> of the larger of the two, so that what is computed from it stays good to about an ulp, though
 * a variance far below ε itself is lost.
 */
final class StatisticsSlots {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final Slot meanSlot;
    private final Slot varianceSlot;
    private final MemorySegment mean;
    private final MemorySegment variance;
    private final long sets;
    private final double epsilon;

    /**
     * Adds mean (none for RMS norm, whose variance is the mean square) and variance to the arguments of a primitive.
     */
    StatisticsSlots(Problem problem, Primitive primitive, Scope scope) {
        meanSlot = problem.operation().centred() ? new Slot(primitive, dnnl.DNNL_ARG_MEAN, scope) : null;
        varianceSlot = new Slot(primitive, dnnl.DNNL_ARG_VARIANCE, scope);
        mean = meanSlot == null ? null : meanSlot.buffer();
        variance = varianceSlot.buffer();
        sets = problem.statisticsSpec().elements();
        epsilon = (float) problem.epsilon();
    }

    /** Returns the slot of the mean; null for RMS norm. */
    Slot mean() {
        return meanSlot;
    }

    Slot variance() {
        return varianceSlot;
    }

    /** Fills the buffers from the caller's tensors. */
    void load(Statistics in) {
        for (long i = 0; mean != null && i < sets; i++) {
            mean.setAtIndex(FLOAT, i, (float) in.mean().get(i));
        }
        for (long i = 0; i < sets; i++) {
            variance.setAtIndex(FLOAT, i, (float) variance(in, i));
        }
    }

    private double variance(Statistics in, long i) {
        if (in.variance() != null) {
            return in.variance().get(i);
        }
        double r = in.rstd().get(i);
        return 1 / (r * r) - epsilon;
    }

    /** Fills those of the caller's tensors that are there from the buffers. */
    void store(Statistics out) {
        store(mean, out.mean());
        store(variance, out.variance());
        Tensor rstd = out.rstd();
        for (long i = 0; rstd != null && i < sets; i++) {
            rstd.set(i, 1 / Math.sqrt(variance.getAtIndex(FLOAT, i) + epsilon));
        }
    }

    private void store(MemorySegment from, Tensor to) {
        for (long i = 0; to != null && i < sets; i++) {
            to.set(i, from == null ? 0 : from.getAtIndex(FLOAT, i));
        }
    }
}
