package normkit.techniques;

import java.util.Objects;
import normkit.BatchNorm;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Mean-only batch norm: every channel is brought to mean 0 over the batch and the spatial axes, its spread left as it is: y =
 * x − mean + β, in inference with the running mean. It goes with weight normalization, which takes care of the spread, and is
 * less noisy and cheaper than batch norm; backward needs neither x nor anything saved. Works on channels-first and
 * channels-last tensors of rank 2 and more; β and the running mean have one element per channel. Immutable and thread-safe.
 *
 * <p>A NaN or infinity spoils its own channel alone. An empty tensor leaves the running mean as it is.
 *
 * <p>Source: T. Salimans, D. P. Kingma, "Weight Normalization: A Simple Reparameterization to Accelerate Training of Deep
 * Neural Networks", arXiv 1602.07868, section 4. Defaults: β, momentum 0.1 for the new batch.
 */
public final class MeanOnlyBatchNorm {

    private final ChannelSettings settings;

    private MeanOnlyBatchNorm(ChannelSettings settings) {
        this.settings = settings;
    }

    /**
     * Describes mean-only batch norm.
     *
     * @return the description, with β and momentum 0.1 for the new batch
     */
    public static MeanOnlyBatchNorm create() {
        return new MeanOnlyBatchNorm(ChannelSettings.DEFAULT.withoutScale());
    }

    /**
     * Sets how the running mean takes in a batch.
     *
     * @param newMomentum the momentum
     * @return a changed description
     */
    public MeanOnlyBatchNorm momentum(Momentum newMomentum) {
        return new MeanOnlyBatchNorm(settings.with(newMomentum));
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public MeanOnlyBatchNorm withoutShift() {
        return new MeanOnlyBatchNorm(settings.withoutShift());
    }

    /**
     * Plans training, inference and backward, the backend chosen by the planner.
     *
     * @param x spec of the input
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param x spec of the input
     * @param options backend and threads
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(x, settings, options);
    }

    /** A mean-only batch norm planned for one tensor spec. */
    public static final class Plan extends ChannelPlan {

        private final Momentum momentum;

        private Plan(TensorSpec x, ChannelSettings settings, PlanOptions options) {
            super(x, settings, options);
            this.momentum = settings.momentum();
        }

        /**
         * Subtracts the batch's means.
         *
         * @param x input of the planned spec
         * @param shift β, one per channel; null if and only if the description has none
         * @param y output of x's spec; may be exactly x, for work in place
         * @param running whose mean takes in the batch's and whose variance stays as it is; null if there is none
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void train(Tensor x, Tensor shift, Tensor y, RunningStatistics running) {
            checkForward(x, null, shift, y);
            checkUpdate(running, x, null, shift, y);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                scratch.takeMoments(x);
                subtract(scratch, x, shift, y);
                if (running != null) {
                    running.update(scratch.mean.values, null, scratch.passes.count(), momentum,
                            BatchNorm.RunningVariance.BIASED);
                }
            }
            giveBack(scratch);
        }

        /**
         * Subtracts given means, usually the running ones. Its gradients are dx = dy and dβ = Σ dy.
         *
         * @param x input of the planned spec
         * @param shift β, one per channel; null if and only if the description has none
         * @param mean one mean per channel, in x's type or f64
         * @param y output of x's spec; may be exactly x, for work in place
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void infer(Tensor x, Tensor shift, Tensor mean, Tensor y) {
            checkForward(x, null, shift, y);
            checkGiven("mean", mean, y);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                for (int c = 0; c < scratch.channels(); c++) {
                    scratch.mean.values[c] = mean.get(c);
                }
                subtract(scratch, x, shift, y);
            }
            giveBack(scratch);
        }

        private static void subtract(ChannelScratch scratch, Tensor x, Tensor shift, Tensor y) {
            for (int c = 0; c < scratch.channels(); c++) {
                scratch.gain.values[c] = 1;
                scratch.offset.values[c] = ChannelScratch.at(shift, c, 0);
            }
            scratch.apply(x, y);
        }

        /**
         * Computes the gradients of {@link #train}: dx = dy − mean(dy), dβ = Σ dy. Over an empty tensor dβ is 0.
         *
         * @param dy gradient of y
         * @param dx receives the gradient of x; null if not wanted; may be exactly dy
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if dy is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor dx, Tensor dshift) {
            checkBackward(dy, dy, null, dx, null, dshift);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                // The same as forward, over dy: the gradient of subtracting a mean is subtracting the gradient's.
                scratch.takeMoments(dy);
                if (dx != null) {
                    subtract(scratch, dy, null, dx);
                }
            }
            if (dshift != null) {
                for (int c = 0; c < scratch.channels(); c++) {
                    dshift.set(c, isEmpty() ? 0 : scratch.mean.values[c] * scratch.passes.count());
                }
            }
            giveBack(scratch);
        }
    }
}
