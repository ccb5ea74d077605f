package normkit.techniques;

import java.util.Arrays;
import normkit.BatchNorm.RunningVariance;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.bulk.Doubles;
import normkit.moments.Normalization;
import normkit.parts.Slices;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Switchable normalization: a layer learns which statistics to normalize with. Mean and variance are averages of those of
 * instance, layer and batch norm, each with weights of its own: y = γ·(x − Σ aₖ·meanₖ)/√(Σ bₖ·varianceₖ + ε) + β over k =
 * instance (over space), layer (over channels and space) and batch (over batch and space), with biased variances. a =
 * softmax(λ) and b = softmax(λ′), where λ and λ′ are three trained logits each, in the order instance, layer, batch, one
 * set for all channels. γ and β have one element per channel. Logits start equal, at 1 in the authors' code. Inference takes
 * running statistics for batch; the paper's batch average is {@link Momentum#cumulativeAverage}. Immutable and thread-safe.
 *
 * <p>A logit that others exceed by 746 or more has weight 0, which leaves the others to themselves.
 *
 * <p>When to use: where the best of batch, layer and instance norm is not known or differs from layer to layer, and with
 * small batches, where it learns to lean on the statistics of samples.
 *
 * <p>Source: P. Luo, J. Ren, Z. Peng, R. Zhang, J. Li, "Differentiable Learning-to-Normalize via Switchable Normalization",
 * arXiv 1806.10779. Defaults: ε = 1e-5, momentum 0.1 for the new batch, biased running variance, which is what training
 * normalizes with.
 */
public final class SwitchableNorm {

    private static final double DEFAULT_EPSILON = 1e-5;
    private static final int KINDS = 3;

    private final MixingSettings settings;

    private SwitchableNorm(MixingSettings settings) {
        this.settings = settings;
    }

    /**
     * Describes switchable normalization.
     *
     * @return the description, with γ, β, ε = 1e-5, momentum 0.1 for the new batch and biased running variance
     */
    public static SwitchableNorm create() {
        return new SwitchableNorm(
                new MixingSettings(true, true, DEFAULT_EPSILON, Momentum.DEFAULT, RunningVariance.BIASED));
    }

    /**
     * Sets ε, which is added to every variance inside the root.
     *
     * @param epsilon ε, finite and at least 0
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public SwitchableNorm epsilon(double epsilon) {
        return new SwitchableNorm(settings.epsilon(epsilon));
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param momentum the momentum
     * @return a changed description
     */
    public SwitchableNorm momentum(Momentum momentum) {
        return new SwitchableNorm(settings.momentum(momentum));
    }

    /**
     * Sets which variance the running variance collects; what a batch itself is normalized with is always biased.
     *
     * @param convention biased or unbiased
     * @return a changed description
     */
    public SwitchableNorm runningVariance(RunningVariance convention) {
        return new SwitchableNorm(settings.runningVariance(convention));
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public SwitchableNorm withoutScale() {
        return new SwitchableNorm(settings.withoutScale());
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public SwitchableNorm withoutShift() {
        return new SwitchableNorm(settings.withoutShift());
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
     * @param meanLogits λ, three elements: of instance, layer and batch
     * @param varianceLogits λ′, three elements: of instance, layer and batch
     */
    public record Parameters(Tensor scale, Tensor shift, Tensor meanLogits,
            Tensor varianceLogits) implements MixingParameters {}

    /** A switchable norm planned for one tensor spec. */
    public static final class Plan extends MixingPlan<Parameters> {

        private final double epsilon;
        private final TensorSpec logits;

        private Plan(MixingSettings settings, TensorSpec x, PlanOptions options) {
            super(x, settings, options);
            this.epsilon = settings.epsilon();
            this.logits = TensorSpec.of(x.type(), Layout.ROWS, KINDS);
            open();
        }

        /**
         * Returns the shape of logits: three elements.
         *
         * @return spec in x's type
         */
        public TensorSpec logitSpec() {
            return logits;
        }

        @Override
        MixingRun<Parameters> newRun(InstancePasses passes, int samples, int channels) {
            return new Run(passes, samples, channels, epsilon, PooledMoments.instance(samples, channels, epsilon),
                    PooledMoments.layer(samples, channels, epsilon), PooledMoments.batch(samples, channels, epsilon));
        }

        @Override
        void own(MixingArguments arguments, Parameters given) {
            arguments.parameter("mean logits", given.meanLogits(), logits, true);
            arguments.parameter("variance logits", given.varianceLogits(), logits, true);
        }

        @Override
        void ownGradients(MixingArguments arguments, Parameters gradients) {
            arguments.gradient("gradient of mean logits", gradients.meanLogits(), logits, true);
            arguments.gradient("gradient of variance logits", gradients.varianceLogits(), logits, true);
        }
    }

    private static final class Run extends MixingRun<Parameters> {

        private final double epsilon;
        private final PooledMoments[] kinds;
        private final double[] meanWeights = new double[KINDS];
        private final double[] varianceWeights = new double[KINDS];
        private final double[] meanWeightGradient = new double[KINDS];
        private final double[] varianceWeightGradient = new double[KINDS];
        private final double[] mixedVariance;
        private final double[] mixedRstd;
        private final double[] values = new double[Doubles.BLOCK];
        private final double[] toMean = new double[Doubles.BLOCK];
        private final double[] toVariance = new double[Doubles.BLOCK];
        private final double[] total = new double[1];
        private final Slices all;

        Run(InstancePasses passes, int samples, int channels, double epsilon, PooledMoments instance,
                PooledMoments layer, PooledMoments batch) {
            super(passes, samples, channels, epsilon, batch, instance, layer);
            this.epsilon = epsilon;
            this.kinds = new PooledMoments[] {instance, layer, batch};
            this.mixedVariance = new double[sets];
            this.mixedRstd = new double[sets];
            this.all = Slices.whole(TensorSpec.rows(sets));
        }

        @Override
        void read(Parameters parameters) {
            softmax(parameters.meanLogits(), meanWeights);
            softmax(parameters.varianceLogits(), varianceWeights);
        }

        private static void softmax(Tensor logits, double[] weights) {
            double largest = Math.max(logits.get(0), Math.max(logits.get(1), logits.get(2)));
            double sum = 0;
            for (int k = 0; k < KINDS; k++) {
                // Not Math, whose exponential may differ from machine to machine.
                weights[k] = StrictMath.exp(logits.get(k) - largest);
                sum += weights[k];
            }
            for (int k = 0; k < KINDS; k++) {
                weights[k] /= sum;
            }
        }

        @Override
        void mix() {
            Arrays.fill(centre.values, 0);
            Arrays.fill(mixedVariance, 0);
            for (int start = 0; start < sets; start += Doubles.BLOCK) {
                int n = block(start);
                for (int k = 0; k < KINDS; k++) {
                    kinds[k].expand(start, n, kinds[k].mean, values);
                    addWeighted(meanWeights[k], values, centre.values, start, n);
                    kinds[k].expand(start, n, kinds[k].variance, values);
                    addWeighted(varianceWeights[k], values, mixedVariance, start, n);
                }
                perChannel.expand(start, n, scale, values);
                for (int i = 0; i < n; i++) {
                    double rstd = Normalization.rstd(mixedVariance[start + i], epsilon);
                    mixedRstd[start + i] = rstd;
                    gain.values[start + i] = values[i] * rstd;
                }
                perChannel.expand(start, n, shift, values);
                System.arraycopy(values, 0, offset.values, start, n);
            }
        }

        private static void addWeighted(double weight, double[] values, double[] to, int start, int n) {
            for (int i = 0; i < n; i++) {
                to[start + i] += weight * values[i];
            }
        }

        @Override
        void pullBack() {
            for (int start = 0; start < sets; start += Doubles.BLOCK) {
                int n = block(start);
                differentiate(start, n);
                perChannel.add(start, n, values, scaleGradient);
                for (int k = 0; k < KINDS; k++) {
                    PooledMoments kind = kinds[k];
                    // Relative to the average, as softmax needs it: the sum over weights times these differences is 0.
                    meanWeightGradient[k] += dot(kind, kind.mean, centre.values, toMean, start, n);
                    varianceWeightGradient[k] += dot(kind, kind.variance, mixedVariance, toVariance, start, n);
                    share(meanWeights[k], toMean, n);
                    kind.add(start, n, values, kind.meanGradient);
                    share(varianceWeights[k], toVariance, n);
                    kind.add(start, n, values, kind.varianceGradient);
                }
            }
        }

        /** Computes the gradients of the mixed mean and variance, and Σdy·x̂ as {@link #values}. */
        private void differentiate(int start, int n) {
            for (int i = 0; i < n; i++) {
                int set = start + i;
                double product = products.values[set] + (mean.values[set] - centre.values[set]) * sums.values[set];
                double rstd = mixedRstd[set];
                values[i] = rstd * product;
                toMean[i] = -gain.values[set] * sums.values[set];
                toVariance[i] = -gain.values[set] * (rstd * product) * (0.5 * rstd);
            }
        }

        /** Σgradient·(statistic of a kind − that of the mixture). */
        private double dot(PooledMoments kind, double[] perPool, double[] mixed, double[] gradient, int start, int n) {
            kind.expand(start, n, perPool, values);
            for (int i = 0; i < n; i++) {
                values[i] = gradient[i] * (values[i] - mixed[start + i]);
            }
            total[0] = 0;
            all.add(start, n, values, total);
            return total[0];
        }

        private void share(double weight, double[] gradient, int n) {
            for (int i = 0; i < n; i++) {
                values[i] = weight * gradient[i];
            }
        }

        @Override
        void store(Parameters gradients) {
            for (int k = 0; k < KINDS; k++) {
                meanWeightGradient[k] *= meanWeights[k];
                varianceWeightGradient[k] *= varianceWeights[k];
            }
            unload(meanWeightGradient, gradients.meanLogits());
            unload(varianceWeightGradient, gradients.varianceLogits());
        }
    }
}
