package normkit.techniques;

import java.util.Objects;
import normkit.BatchNorm;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.moments.Normalization;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Batch renormalization: batch norm whose training output is corrected towards what inference will compute, so that small
 * batches, or batches of samples that belong together, train a network that works alone. With the batch's mean μ_B and σ_B =
 * √(biased variance + ε), and the running μ and σ before they take in the batch,
 *
 * <pre>
 * r = clip(σ_B/σ, 1/r_max, r_max)    d = clip((μ_B − μ)/σ, −d_max, d_max)
 * y = γ·((x − μ_B)/σ_B·r + d) + β
 * </pre>
 *
 * in training, where r and d count as constants in {@link Plan#backward}, and y = γ·(x − μ)/σ + β in inference. With r_max =
 * 1 and d_max = 0 it is batch norm; where nothing is clipped, training computes what inference does. Use it instead of batch
 * norm for batches of a few samples. Works on channels-first and channels-last tensors of rank 2 and more; γ, β and running
 * statistics have one element per channel. Immutable and thread-safe.
 *
 * <p>As in the paper, what is averaged over batches is σ, with ε inside: the running variance kept is σ² − ε, so that {@link
 * BatchNorm.Plan#infer} can use it as well. A single value per channel is allowed. A running or batch deviation of 0, which
 * takes ε = 0, has reciprocal 0. A NaN or infinity makes its own channel NaN, and its running statistics too; an empty
 * tensor leaves running statistics as they are.
 *
 * <p>Source: S. Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models", arXiv
 * 1702.03275, algorithm 1. Defaults: γ, β, ε = 1e-5 and a momentum of 0.1 for the new batch, as for {@link BatchNorm}; the
 * paper uses 1e-3 and 0.01.
 */
public final class BatchRenorm {

    /** For values that are averaged already. */
    private static final Momentum REPLACE = Momentum.ofNew(1);

    private final ChannelSettings settings;

    private BatchRenorm(ChannelSettings settings) {
        this.settings = settings;
    }

    /**
     * Describes batch renormalization.
     *
     * @return the description, with γ, β, ε = 1e-5 and momentum 0.1 for the new batch
     */
    public static BatchRenorm create() {
        return new BatchRenorm(ChannelSettings.DEFAULT);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public BatchRenorm epsilon(double newEpsilon) {
        return new BatchRenorm(settings.with(newEpsilon));
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param newMomentum the momentum
     * @return a changed description
     */
    public BatchRenorm momentum(Momentum newMomentum) {
        return new BatchRenorm(settings.with(newMomentum));
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public BatchRenorm withoutScale() {
        return new BatchRenorm(settings.withoutScale());
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public BatchRenorm withoutShift() {
        return new BatchRenorm(settings.withoutShift());
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

    /**
     * How far r and d may be from those of batch norm.
     *
     * @param rMax r is at least 1/rMax and at most rMax, which is at least 1 and may be infinite
     * @param dMax |d| is at most dMax, which is at least 0 and may be infinite
     */
    public record Limits(double rMax, double dMax) {

        /** r = 1 and d = 0: batch norm. */
        public static final Limits BATCH_NORM = new Limits(1, 0);
        /** Those the paper ends with: r_max = 3 and d_max = 5. */
        public static final Limits PAPER = new Limits(3, 5);

        /** Checks the ranges. */
        public Limits {
            if (!(rMax >= 1)) {
                throw new IllegalArgumentException("rMax is " + rMax + "; it must be at least 1");
            }
            if (!(dMax >= 0)) {
                throw new IllegalArgumentException("dMax is " + dMax + "; it must be at least 0");
            }
        }

        private double clipR(double r) {
            return Math.clamp(r, 1 / rMax, rMax);
        }

        private double clipD(double d) {
            return Math.clamp(d, -dMax, dMax);
        }
    }

    /**
     * Lets r and d off step by step: batch norm for the first steps, while running statistics become meaningful, then limits
     * that grow linearly with the number of the step.
     *
     * @param start last step of batch norm, at least 0
     * @param rEnd step from which r_max is the final one, at least {@code start}
     * @param dEnd step from which d_max is the final one, at least {@code start}
     * @param limits the final limits, finite
     */
    public record WarmUp(long start, long rEnd, long dEnd, Limits limits) {

        /** The paper's: batch norm for 5000 steps, r_max = 3 at step 40000, d_max = 5 at step 25000. */
        public static final WarmUp PAPER = new WarmUp(5000, 40_000, 25_000, Limits.PAPER);

        /** Checks the order of the steps. */
        public WarmUp {
            Objects.requireNonNull(limits, "limits");
            if (start < 0 || rEnd < start || dEnd < start) {
                throw new IllegalArgumentException("steps are " + start + ", " + rEnd + " and " + dEnd
                        + "; the first must be at least 0 and the others at least the first");
            }
            if (Double.isInfinite(limits.rMax()) || Double.isInfinite(limits.dMax())) {
                throw new IllegalArgumentException("limits are " + limits + "; limits to grow to must be finite");
            }
        }

        /**
         * Returns the limits of a step.
         *
         * @param step number of the training step
         * @return the limits to give to {@link Plan#train}
         */
        public Limits at(long step) {
            return new Limits(1 + progress(step, rEnd) * (limits.rMax() - 1), progress(step, dEnd) * limits.dMax());
        }

        private double progress(long step, long end) {
            if (step <= start) {
                return 0;
            }
            return step >= end ? 1 : (double) (step - start) / (end - start);
        }
    }

    /**
     * What {@link Plan#train} saves for {@link Plan#backward}: four numbers per channel, in f64. Not thread-safe: one training
     * step at a time.
     */
    public static final class Saved {

        private final Tensor mean;
        private final Tensor rstd;
        private final Tensor r;
        private final Tensor d;

        private Saved(TensorSpec spec) {
            mean = Tensor.allocate(spec);
            rstd = Tensor.allocate(spec);
            r = Tensor.allocate(spec);
            d = Tensor.allocate(spec);
        }

        /**
         * Makes room.
         *
         * @param channels number of channels
         * @return zeros
         */
        public static Saved allocate(long channels) {
            return new Saved(TensorSpec.rows(channels).as(DataType.F64));
        }

        /**
         * Returns the batch's means.
         *
         * @return μ_B per channel
         */
        public Tensor mean() {
            return mean;
        }

        /**
         * Returns the reciprocals of the batch's deviations.
         *
         * @return 1/σ_B per channel
         */
        public Tensor rstd() {
            return rstd;
        }

        /**
         * Returns how the spread was corrected.
         *
         * @return r per channel
         */
        public Tensor r() {
            return r;
        }

        /**
         * Returns how the mean was corrected.
         *
         * @return d per channel
         */
        public Tensor d() {
            return d;
        }

        private int channels() {
            return mean.doubles().length;
        }
    }

    /** A batch renormalization planned for one tensor spec. */
    public static final class Plan extends ChannelPlan {

        private final double epsilon;
        private final Momentum momentum;

        private Plan(TensorSpec x, ChannelSettings settings, PlanOptions options) {
            super(x, settings, options);
            this.epsilon = settings.epsilon();
            this.momentum = settings.momentum();
        }

        /**
         * Normalizes with the batch's statistics, corrected by the running ones, and then lets these take in the batch.
         *
         * @param x input of the planned spec
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param y output of x's spec; may be exactly x, for work in place
         * @param save filled for {@link #backward}; may be null
         * @param running what the batch is compared with, and which takes it in
         * @param limits how far r and d may go, for example {@link WarmUp#at}
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void train(Tensor x, Tensor scale, Tensor shift, Tensor y, Saved save, RunningStatistics running,
                Limits limits) {
            checkForward(x, scale, shift, y);
            checkUpdate(Objects.requireNonNull(running, "running is null; it must be RunningStatistics"), x, scale,
                    shift, y);
            Objects.requireNonNull(limits, "limits is null; it must be Limits");
            if (save != null) {
                requireChannels("save", save.channels());
            }
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                scratch.takeMoments(x);
                correct(scratch, running, limits);
                fold(scratch, scale, shift);
                scratch.apply(x, y);
                save(scratch, save);
                update(scratch, running);
            }
            giveBack(scratch);
        }

        /** Computes r and d, kept where a forward pass has no sums. */
        private void correct(ChannelScratch scratch, RunningStatistics running, Limits limits) {
            for (int c = 0; c < scratch.channels(); c++) {
                double runningRstd = Normalization.rstd(running.statistics().variance().get(c), epsilon);
                double variance = scratch.variance.values[c];
                scratch.rstd.values[c] = Normalization.rstd(variance, epsilon);
                scratch.dots.values[c] = limits.clipR(Math.sqrt(variance + epsilon) * runningRstd);
                scratch.sums.values[c] =
                        limits.clipD((scratch.mean.values[c] - running.statistics().mean().get(c)) * runningRstd);
            }
        }

        private static void save(ChannelScratch scratch, Saved save) {
            if (save != null) {
                ChannelScratch.store(scratch.mean.values, save.mean);
                ChannelScratch.store(scratch.rstd.values, save.rstd);
                ChannelScratch.store(scratch.dots.values, save.r);
                ChannelScratch.store(scratch.sums.values, save.d);
            }
        }

        private static void fold(ChannelScratch scratch, Tensor scale, Tensor shift) {
            for (int c = 0; c < scratch.channels(); c++) {
                double gamma = ChannelScratch.at(scale, c, 1);
                scratch.gain.values[c] = scratch.dots.values[c] * (scratch.rstd.values[c] * gamma);
                scratch.offset.values[c] = gamma * scratch.sums.values[c] + ChannelScratch.at(shift, c, 0);
            }
        }

        /** Averages the deviation, ε included, and keeps the variance that belongs to it. */
        private void update(ChannelScratch scratch, RunningStatistics running) {
            double weight = momentum.weightOf(running.batches() + 1);
            double[] mean = scratch.mean.values;
            double[] variance = scratch.variance.values;
            for (int c = 0; c < mean.length; c++) {
                double old = Math.sqrt(running.statistics().variance().get(c) + epsilon);
                double deviation = (1 - weight) * old + weight * Math.sqrt(variance[c] + epsilon);
                variance[c] = Math.max(0, deviation * deviation - epsilon);
                mean[c] = (1 - weight) * running.statistics().mean().get(c) + weight * mean[c];
            }
            running.update(mean, variance, scratch.passes.count(), REPLACE, BatchNorm.RunningVariance.BIASED);
        }

        /**
         * Normalizes with the running statistics: y = γ·(x − μ)/σ + β.
         *
         * @param x input of the planned spec
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param running the running statistics; only read
         * @param y output of x's spec; may be exactly x, for work in place
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void infer(Tensor x, Tensor scale, Tensor shift, RunningStatistics running, Tensor y) {
            checkForward(x, scale, shift, y);
            Objects.requireNonNull(running, "running is null; it must be RunningStatistics");
            checkGiven("running mean", running.statistics().mean(), y);
            checkGiven("running variance", running.statistics().variance(), y);
            ChannelScratch scratch = take();
            if (!isEmpty()) {
                for (int c = 0; c < scratch.channels(); c++) {
                    double rstd = Normalization.rstd(running.statistics().variance().get(c), epsilon);
                    scratch.mean.values[c] = running.statistics().mean().get(c);
                    scratch.gain.values[c] = rstd * ChannelScratch.at(scale, c, 1);
                    scratch.offset.values[c] = ChannelScratch.at(shift, c, 0);
                }
                scratch.apply(x, y);
            }
            giveBack(scratch);
        }

        /**
         * Computes the gradients of {@link #train} with r and d constant. With z = (x − μ_B)/σ_B they are dx = γ·r/σ_B·(dy −
         * mean(dy) − z·mean(dy·z)), dγ = r·Σ dy·z + d·Σ dy, dβ = Σ dy. Over an empty tensor dγ and dβ are 0. Inference is
         * batch norm's, and so are its gradients: {@link BatchNorm.Plan#backwardFrozen}.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param scale γ; null if and only if the description has none
         * @param saved what the forward pass saved
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor x, Tensor scale, Saved saved, Tensor dx, Tensor dscale, Tensor dshift) {
            checkBackward(dy, x, scale, dx, dscale, dshift);
            requireChannels("saved", Objects.requireNonNull(saved, "saved is null; it must be Saved").channels());
            ChannelScratch scratch = take();
            load(scratch, saved, scale);
            if (isEmpty()) {
                scratch.clearSums();
            } else {
                scratch.takeSums(dy, x);
            }
            if (dx != null && !isEmpty()) {
                scratch.centredGradient(dy, x, scratch.passes.count(), dx);
            }
            storeParameters(scratch, saved, dscale, dshift);
            giveBack(scratch);
        }

        private static void load(ChannelScratch scratch, Saved saved, Tensor scale) {
            for (int c = 0; c < scratch.channels(); c++) {
                double rstd = saved.rstd.get(c);
                scratch.mean.values[c] = saved.mean.get(c);
                scratch.rstd.values[c] = rstd;
                scratch.gain.values[c] = saved.r.get(c) * (rstd * ChannelScratch.at(scale, c, 1));
            }
        }

        private static void storeParameters(ChannelScratch scratch, Saved saved, Tensor dscale, Tensor dshift) {
            if (dscale != null) {
                for (int c = 0; c < scratch.channels(); c++) {
                    dscale.set(c, saved.r.get(c) * scratch.dots.values[c] + saved.d.get(c) * scratch.sums.values[c]);
                }
            }
            ChannelScratch.store(scratch.sums.values, dshift);
        }
    }
}
