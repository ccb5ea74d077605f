package normkit.techniques;

import java.util.Objects;
import normkit.BatchNorm;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.moments.Normalization;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Synchronized batch norm: batch norm over a batch that is spread over devices, processes or machines, so that its statistics
 * are those of the whole. Every participant takes the moments of its part, all exchange them by whatever means the caller has
 * ({@link ChannelMoments#toBytes}), merge them in the order of ranks, and go on with the same mean and variance to the last
 * bit; backward does the same with two sums per channel. With n values per channel in all,
 *
 * <pre>
 * y = γ·x̂ + β    x̂ = (x − mean)·rstd    rstd = 1/√(variance + ε)
 * dx = γ·rstd·(dy − Σdy/n − x̂·Σdy·x̂/n)
 * </pre>
 *
 * A step of participant {@code rank}, where {@code exchange} returns everybody's bytes in the order of ranks:
 *
 * <pre>{@code
 * plan.moments(x, moments);
 * List<byte[]> all = exchange(moments.toBytes());
 * moments.clear();
 * all.forEach(part -> moments.merge(ChannelMoments.of(part)));
 * plan.normalize(x, gamma, beta, moments, y, running);
 * …
 * plan.gradients(dy, x, moments, sums);
 * plan.parameterGradients(sums, dgamma, dbeta);    // of this part; after merging, of the whole batch
 * all = exchange(sums.toBytes());
 * sums.clear();
 * all.forEach(part -> sums.merge(ChannelGradients.of(part)));
 * plan.backward(dy, x, gamma, moments, sums, dx);
 * }</pre>
 *
 * <p>Parts count by their number of values, and may be empty, even all. Use it where a device's own part is too small for
 * batch norm, as in detection and segmentation. Works on channels-first and channels-last tensors of rank 2 and more; γ, β and
 * running statistics have one element per channel. For inference use {@link BatchNorm.Plan#infer} with the running
 * statistics. A single value per channel in all has variance 0 and gives β. Immutable and thread-safe.
 *
 * <p>With one participant it is {@link BatchNorm}. Source: C. Peng et al., "MegDet: A Large Mini-Batch Object Detector", arXiv
 * 1711.07240; semantics and defaults as PyTorch's {@code nn.SyncBatchNorm}.
 */
public final class SyncBatchNorm {

    private final ChannelSettings settings;
    private final BatchNorm.RunningVariance runningVariance;

    private SyncBatchNorm(ChannelSettings settings, BatchNorm.RunningVariance runningVariance) {
        this.settings = settings;
        this.runningVariance = runningVariance;
    }

    /**
     * Describes synchronized batch norm as PyTorch has it.
     *
     * @return the description, with γ, β, ε = 1e-5, momentum 0.1 for the new batch and unbiased running variance
     */
    public static SyncBatchNorm create() {
        return new SyncBatchNorm(ChannelSettings.DEFAULT, BatchNorm.RunningVariance.UNBIASED);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public SyncBatchNorm epsilon(double newEpsilon) {
        return new SyncBatchNorm(settings.with(newEpsilon), runningVariance);
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param newMomentum the momentum
     * @return a changed description
     */
    public SyncBatchNorm momentum(Momentum newMomentum) {
        return new SyncBatchNorm(settings.with(newMomentum), runningVariance);
    }

    /**
     * Sets which variance the running variance collects.
     *
     * @param convention biased or unbiased
     * @return a changed description
     */
    public SyncBatchNorm runningVariance(BatchNorm.RunningVariance convention) {
        return new SyncBatchNorm(settings, Objects.requireNonNull(convention, "convention"));
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public SyncBatchNorm withoutScale() {
        return new SyncBatchNorm(settings.withoutScale(), runningVariance);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public SyncBatchNorm withoutShift() {
        return new SyncBatchNorm(settings.withoutShift(), runningVariance);
    }

    /**
     * Plans this participant's part, the backend chosen by the planner.
     *
     * @param x spec of this participant's part of the batch
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans this participant's part.
     *
     * @param x spec of this participant's part of the batch
     * @param options backend and threads
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(x, this, options);
    }

    /** A synchronized batch norm planned for one participant's part of the batch. */
    public static final class Plan extends ChannelPlan {

        private final SyncBatchNorm norm;

        private Plan(TensorSpec x, SyncBatchNorm norm, PlanOptions options) {
            super(x, norm.settings, options);
            this.norm = norm;
        }

        /**
         * Takes the moments of this part: the first half of forward.
         *
         * @param x input of the planned spec
         * @param local receives the moments; those of the empty batch if x is empty
         * @throws IllegalArgumentException if an argument has the wrong spec or number of channels
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void moments(Tensor x, ChannelMoments local) {
            checkInput(x);
            require("local", local);
            ChannelScratch scratch = take();
            if (isEmpty()) {
                local.clear();
            } else {
                scratch.takeMoments(x);
                local.set((long) scratch.passes.count(), scratch.mean.values, scratch.variance.values);
            }
            giveBack(scratch);
        }

        /**
         * Normalizes with the moments of the whole batch, and lets running statistics take them in, even if this part is
         * empty, so that they stay the same everywhere: the second half of forward.
         *
         * @param x input of the planned spec
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param merged moments of the whole batch
         * @param y output of x's spec; may be exactly x, for work in place
         * @param running takes in the moments, unless they are those of the empty batch; null if there are none
         * @throws IllegalArgumentException if an argument has the wrong spec or number of channels or overlaps another, or
         *         the moments are those of the empty batch although x is not empty
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void normalize(Tensor x, Tensor scale, Tensor shift, ChannelMoments merged, Tensor y,
                RunningStatistics running) {
            checkForward(x, scale, shift, y);
            checkUpdate(running, x, scale, shift, y);
            requireMerged(merged);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                load(scratch, merged, scale);
                for (int c = 0; c < scratch.channels(); c++) {
                    scratch.offset.values[c] = ChannelScratch.at(shift, c, 0);
                }
                scratch.apply(x, y);
            }
            if (running != null && merged.count() > 0) {
                running.update(merged.mean, merged.variance, merged.count(), norm.settings.momentum(),
                        norm.runningVariance);
            }
            giveBack(scratch);
        }

        /**
         * Takes this part's sums Σdy and Σdy·x̂: the first half of backward.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param merged moments of the whole batch
         * @param local receives the sums; zeros if x is empty
         * @throws IllegalArgumentException if an argument has the wrong spec or number of channels, or the moments are
         *         those of the empty batch although x is not empty
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void gradients(Tensor dy, Tensor x, ChannelMoments merged, ChannelGradients local) {
            checkGradientInputs(dy, x);
            requireMerged(merged);
            require("local", local);
            ChannelScratch scratch = take();
            if (isEmpty()) {
                local.clear();
            } else {
                load(scratch, merged, null);
                scratch.takeSums(dy, x);
                local.set(scratch.sums.values, scratch.dots.values);
            }
            giveBack(scratch);
        }

        /**
         * Stores the gradients of γ and β that sums amount to: with those of this part, the part's gradients, which training
         * in parallel usually adds up together with those of all other parameters, as PyTorch does; with merged ones, the
         * gradients of the whole batch.
         *
         * @param sums sums of a part or of the whole batch
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or number of channels or overlaps another
         * @throws NullPointerException if the sums are null
         * @throws IllegalStateException if the arena of an argument is closed or belongs to another thread
         */
        public void parameterGradients(ChannelGradients sums, Tensor dscale, Tensor dshift) {
            require("sums", sums);
            checkParameterGradients(dscale, dshift);
            ChannelScratch.store(sums.dots, dscale);
            ChannelScratch.store(sums.sums, dshift);
        }

        /**
         * Computes the gradient of x: the second half of backward.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param scale γ; null if and only if the description has none
         * @param merged moments of the whole batch
         * @param sums sums of the whole batch
         * @param dx receives the gradient of x; may be exactly x or dy
         * @throws IllegalArgumentException if an argument has the wrong spec or number of channels or overlaps another, or
         *         the moments are those of the empty batch although x is not empty
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor x, Tensor scale, ChannelMoments merged, ChannelGradients sums,
                Tensor dx) {
            Objects.requireNonNull(dx, "dx is null; it must be a tensor");
            checkBackward(dy, x, scale, dx, null, null);
            requireMerged(merged);
            require("sums", sums);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                load(scratch, merged, scale);
                System.arraycopy(sums.sums, 0, scratch.sums.values, 0, scratch.channels());
                System.arraycopy(sums.dots, 0, scratch.dots.values, 0, scratch.channels());
                scratch.centredGradient(dy, x, merged.count(), dx);
            }
            giveBack(scratch);
        }

        private void load(ChannelScratch scratch, ChannelMoments merged, Tensor scale) {
            for (int c = 0; c < scratch.channels(); c++) {
                double rstd = Normalization.rstd(merged.variance[c], norm.settings.epsilon());
                scratch.mean.values[c] = merged.mean[c];
                scratch.rstd.values[c] = rstd;
                scratch.gain.values[c] = rstd * ChannelScratch.at(scale, c, 1);
            }
        }

        private void require(String name, ChannelMoments moments) {
            if (moments == null) {
                throw new NullPointerException(name + " is null; it must be ChannelMoments");
            }
            requireChannels(name, moments.channels());
        }

        private void require(String name, ChannelGradients sums) {
            if (sums == null) {
                throw new NullPointerException(name + " is null; it must be ChannelGradients");
            }
            requireChannels(name, sums.channels());
        }

        private void requireMerged(ChannelMoments merged) {
            require("merged", merged);
            if (merged.count() == 0 && !isEmpty()) {
                throw new IllegalArgumentException(
                        "merged are the moments of the empty batch; they must be those of a batch x is part of");
            }
        }
    }
}
