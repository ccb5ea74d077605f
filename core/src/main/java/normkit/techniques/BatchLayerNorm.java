package normkit.techniques;

import java.util.Arrays;
import normkit.BatchNorm.RunningVariance;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Batch layer normalization: the sum of batch norm and layer norm, the more of the latter the smaller the batch is: y =
 * γ·(a·x̂ᴸ + b·x̂ᴮ) + β. x̂ᴸ = (x − meanᴸ)/√(varianceᴸ + ε) goes over the features of each sample, x̂ᴮ over the samples of each
 * feature, with biased variances. For a batch of m samples with d features (here: channels), a = (1/m − δ)/√d and b = (1 − 1/m
 * − δ)/√d with δ = 1e-4. γ and β have one element per channel. Inference takes running statistics for x̂ᴮ, or, by calling {@link
 * Plan#train} without running statistics, those of the mini-batch, between which the authors choose as a hyperparameter.
 * Immutable and thread-safe.
 *
 * <p>For x of shape (N, C), this is the paper's definition. With spatial axes, statistics of the batch go over batch and space
 * as those of batch norm, and statistics of the layer over channels and space as those of layer norm; the authors' code takes
 * both at each position by itself instead. An inference plan for another number of samples than in training has to be told
 * the latter, by {@link #batchSize}.
 *
 * <p>When to use: small or changing batches, where batch norm is noisy; recurrent networks, one plan per step of (N, C).
 *
 * <p>Source: A. Ziaee, E. Çano, "Batch Layer Normalization, A new normalization layer for CNNs and RNNs", arXiv 2209.08898,
 * and the authors' code, from which δ, the root and the defaults are. Defaults: ε = 1e-3; running statistics are the average of
 * all batches, with unbiased variance.
 */
public final class BatchLayerNorm {

    private static final double DEFAULT_EPSILON = 1e-3;
    private static final double DELTA = 1e-4;

    private final MixingSettings settings;
    private final Weighting weighting;

    /** The weights of layer and batch norm for the batch size and channels of a plan. */
    private sealed interface Weighting {

        double layer(TensorSpec x);

        double batch(TensorSpec x);
    }

    /** The paper's; batch size 0 stands for the plan's own. */
    private record BySize(long batchSize) implements Weighting {

        private double inverse(TensorSpec x) {
            return 1.0 / (batchSize == 0 ? x.batch() : batchSize);
        }

        @Override
        public double layer(TensorSpec x) {
            return (inverse(x) - DELTA) / Math.sqrt(x.channels());
        }

        @Override
        public double batch(TensorSpec x) {
            return (1 - inverse(x) - DELTA) / Math.sqrt(x.channels());
        }
    }

    private record Fixed(double forLayer, double forBatch) implements Weighting {

        @Override
        public double layer(TensorSpec x) {
            return forLayer;
        }

        @Override
        public double batch(TensorSpec x) {
            return forBatch;
        }
    }

    private BatchLayerNorm(MixingSettings settings, Weighting weighting) {
        this.settings = settings;
        this.weighting = weighting;
    }

    /**
     * Describes batch layer normalization.
     *
     * @return the description, with γ, β, ε = 1e-3, the paper's weights, cumulative average and unbiased running variance
     */
    public static BatchLayerNorm create() {
        return new BatchLayerNorm(
                new MixingSettings(true, true, DEFAULT_EPSILON, Momentum.cumulativeAverage(), RunningVariance.UNBIASED),
                new BySize(0));
    }

    /**
     * Sets ε, which is added to every variance inside the root.
     *
     * @param epsilon ε, finite and at least 0
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public BatchLayerNorm epsilon(double epsilon) {
        return new BatchLayerNorm(settings.epsilon(epsilon), weighting);
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param momentum the momentum
     * @return a changed description
     */
    public BatchLayerNorm momentum(Momentum momentum) {
        return new BatchLayerNorm(settings.momentum(momentum), weighting);
    }

    /**
     * Sets which variance the running variance collects; what a batch itself is normalized with is always biased.
     *
     * @param convention biased or unbiased
     * @return a changed description
     */
    public BatchLayerNorm runningVariance(RunningVariance convention) {
        return new BatchLayerNorm(settings.runningVariance(convention), weighting);
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public BatchLayerNorm withoutScale() {
        return new BatchLayerNorm(settings.withoutScale(), weighting);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public BatchLayerNorm withoutShift() {
        return new BatchLayerNorm(settings.withoutShift(), weighting);
    }

    /**
     * Sets the m of the weights, for plans of another number of samples than the batches of training.
     *
     * @param samples m, at least 1; by default the number of samples of a plan
     * @return a changed description
     * @throws IllegalArgumentException if m is out of range
     */
    public BatchLayerNorm batchSize(long samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("batch size is " + samples + "; it must be at least 1");
        }
        return new BatchLayerNorm(settings, new BySize(samples));
    }

    /**
     * Replaces the paper's weights: y = γ·(layer·x̂ᴸ + batch·x̂ᴮ) + β. Weights 1 and 0 are layer norm with γ and β per channel, 0
     * and 1 are batch norm.
     *
     * @param layer a, finite
     * @param batch b, finite
     * @return a changed description
     * @throws IllegalArgumentException if a weight is not finite
     */
    public BatchLayerNorm weights(double layer, double batch) {
        if (!Double.isFinite(layer) || !Double.isFinite(batch)) {
            throw new IllegalArgumentException("weights are " + layer + " and " + batch + "; they must be finite");
        }
        return new BatchLayerNorm(settings, new Fixed(layer, batch));
    }

    /**
     * Plans, the backend chosen by the planner.
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
        return new Plan(this, x, options);
    }

    /**
     * The parameters, or their gradients.
     *
     * @param scale γ, one element per channel; null if and only if the description has none
     * @param shift β, one element per channel; null if and only if the description has none
     */
    public record Parameters(Tensor scale, Tensor shift) implements MixingParameters {}

    /** A batch layer norm planned for one tensor spec. */
    public static final class Plan extends MixingPlan<Parameters> {

        private final BatchLayerNorm norm;

        private Plan(BatchLayerNorm norm, TensorSpec x, PlanOptions options) {
            super(x, norm.settings, options);
            this.norm = norm;
            open();
        }

        @Override
        MixingRun<Parameters> newRun(InstancePasses passes, int samples, int channels) {
            double epsilon = norm.settings.epsilon();
            Run run = new Run(passes, samples, channels, epsilon, PooledMoments.batch(samples, channels, epsilon),
                    PooledMoments.layer(samples, channels, epsilon));
            Arrays.fill(run.sum.firstWeight, norm.weighting.batch(spec()));
            Arrays.fill(run.sum.secondWeight, norm.weighting.layer(spec()));
            return run;
        }

        @Override
        void own(MixingArguments arguments, Parameters given) {
            // Weights are not trained.
        }

        @Override
        void ownGradients(MixingArguments arguments, Parameters gradients) {
            // Weights are not trained.
        }
    }

    private static final class Run extends MixingRun<Parameters> {

        private final NormSum sum;

        Run(InstancePasses passes, int samples, int channels, double epsilon, PooledMoments batch,
                PooledMoments layer) {
            super(passes, samples, channels, epsilon, batch, layer);
            sum = new NormSum(batch, layer, channels);
        }

        @Override
        void read(Parameters parameters) {
            // Weights are those of the plan.
        }

        @Override
        void mix() {
            sum.mix(this);
        }

        @Override
        void pullBack() {
            sum.pullBack(this);
        }

        @Override
        void store(Parameters gradients) {
            // Weights are not trained.
        }
    }
}
