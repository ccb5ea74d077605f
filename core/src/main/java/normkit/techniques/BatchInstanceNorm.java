package normkit.techniques;

import normkit.BatchNorm.RunningVariance;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Batch-instance normalization: every channel learns how far its style, the mean and variance of each sample, is kept, by a
 * gate ρ between batch norm, which keeps it, and instance norm, which takes it out: y = γ·(ρ·x̂ᴮ + (1 − ρ)·x̂ᴵ) + β, with
 * x̂ᴮ = (x − meanᴮ)/√(varianceᴮ + ε) over batch and space, x̂ᴵ the same over space alone, and biased variances. γ, β and ρ have
 * one element per channel; they start as 1, 0 and 1 as in the authors' code. Inference takes running statistics for x̂ᴮ.
 * Immutable and thread-safe.
 *
 * <p>ρ is trained like any parameter, but the optimizer has to keep it within 0 and 1 by calling {@link #clip} after each of
 * its steps; the paper also gives it ten times the learning rate. The formula is computed with whatever ρ is given.
 *
 * <p>When to use: style transfer and domain adaptation, where some channels carry style that is a nuisance, and image
 * classification as a replacement of batch norm at little cost. It inherits batch norm's dependence on the batch size.
 *
 * <p>Source: H. Nam, H.-E. Kim, "Batch-Instance Normalization for Adaptively Style-Invariant Neural Networks", arXiv
 * 1805.07925. Defaults: ε = 1e-5, momentum 0.1 for the new batch, unbiased running variance.
 */
public final class BatchInstanceNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final MixingSettings settings;

    private BatchInstanceNorm(MixingSettings settings) {
        this.settings = settings;
    }

    /**
     * Describes batch-instance normalization.
     *
     * @return the description, with γ, β, ε = 1e-5, momentum 0.1 for the new batch and unbiased running variance
     */
    public static BatchInstanceNorm create() {
        return new BatchInstanceNorm(
                new MixingSettings(true, true, DEFAULT_EPSILON, Momentum.DEFAULT, RunningVariance.UNBIASED));
    }

    /**
     * Sets ε, which is added to every variance inside the root.
     *
     * @param epsilon ε, finite and at least 0
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public BatchInstanceNorm epsilon(double epsilon) {
        return new BatchInstanceNorm(settings.epsilon(epsilon));
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param momentum the momentum
     * @return a changed description
     */
    public BatchInstanceNorm momentum(Momentum momentum) {
        return new BatchInstanceNorm(settings.momentum(momentum));
    }

    /**
     * Sets which variance the running variance collects; what a batch itself is normalized with is always biased.
     *
     * @param convention biased or unbiased
     * @return a changed description
     */
    public BatchInstanceNorm runningVariance(RunningVariance convention) {
        return new BatchInstanceNorm(settings.runningVariance(convention));
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public BatchInstanceNorm withoutScale() {
        return new BatchInstanceNorm(settings.withoutScale());
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public BatchInstanceNorm withoutShift() {
        return new BatchInstanceNorm(settings.withoutShift());
    }

    /**
     * Brings ρ back to 0 … 1, as has to be done after every step of an optimizer.
     *
     * @param gate ρ, changed in place; NaN stays
     */
    public static void clip(Tensor gate) {
        for (long c = 0; c < gate.spec().elements(); c++) {
            gate.set(c, Math.max(0, Math.min(1, gate.get(c))));
        }
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
        return new Plan(settings, x, options);
    }

    /**
     * The parameters, or their gradients.
     *
     * @param scale γ, one element per channel; null if and only if the description has none
     * @param shift β, one element per channel; null if and only if the description has none
     * @param gate ρ, one element per channel; 1 is batch norm, 0 instance norm
     */
    public record Parameters(Tensor scale, Tensor shift, Tensor gate) implements MixingParameters {}

    /** A batch-instance norm planned for one tensor spec. */
    public static final class Plan extends MixingPlan<Parameters> {

        private final double epsilon;

        private Plan(MixingSettings settings, TensorSpec x, PlanOptions options) {
            super(x, settings, options);
            this.epsilon = settings.epsilon();
            open();
        }

        @Override
        MixingRun<Parameters> newRun(InstancePasses passes, int samples, int channels) {
            return new Run(passes, samples, channels, epsilon, PooledMoments.batch(samples, channels, epsilon),
                    PooledMoments.instance(samples, channels, epsilon));
        }

        @Override
        void own(MixingArguments arguments, Parameters given) {
            arguments.parameter("gate", given.gate(), parameterSpec(), true);
        }

        @Override
        void ownGradients(MixingArguments arguments, Parameters gradients) {
            arguments.gradient("dgate", gradients.gate(), parameterSpec(), true);
        }
    }

    private static final class Run extends MixingRun<Parameters> {

        private final NormSum sum;

        Run(InstancePasses passes, int samples, int channels, double epsilon, PooledMoments batch,
                PooledMoments instance) {
            super(passes, samples, channels, epsilon, batch, instance);
            sum = new NormSum(batch, instance, channels);
        }

        @Override
        void read(Parameters parameters) {
            for (int c = 0; c < channels; c++) {
                double gate = parameters.gate().get(c);
                sum.firstWeight[c] = gate;
                sum.secondWeight[c] = 1 - gate;
            }
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
            for (int c = 0; c < channels; c++) {
                sum.firstGradient[c] -= sum.secondGradient[c];
            }
            unload(sum.firstGradient, gradients.gate());
            unload(sum.secondGradient, null);
        }
    }
}
