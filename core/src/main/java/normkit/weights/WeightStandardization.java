package normkit.weights;

import java.util.List;
import java.util.Objects;
import normkit.PlanOptions;
import normkit.dispatch.Decision;
import normkit.dispatch.PlannedPass;
import normkit.dispatch.PlannedPasses;
import normkit.moments.Normalization;
import normkit.parts.Numbers;
import normkit.parts.Scratch;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Weight standardization: the weights that lead to one output, those at one position of the axis {@code dim}, are
 * brought to mean 0 and a common spread: w = γ·(v − mean)·r, with r from their variance by one of three published
 * {@link Convention conventions} and a γ per output if wanted. Used with group norm where batches are too small for
 * batch norm, and, scaled by the fan-in, in networks without activation norms at all. Immutable and thread-safe.
 *
 * <p>It is batch norm over a weight, and runs on its kernels, on whichever backend is planned: those of
 * docs/numerics.md give the same bits. The gradient is that of batch norm with another gain: for any r,
 * <pre>
 * dv = γ·r·(dw − mean(dw)) − γ·ρ²·r·(v − mean)·mean(dw·(v − mean))   with   ρ² = −2·(dr/dvariance)/r
 * </pre>
 * An output with equal weights comes out as 0, and gets the gradient without the last term.
 *
 * <p>Source: S. Qiao, H. Wang, C. Liu, W. Shen, A. Yuille, "Micro-Batch Training with Batch-Channel Normalization and
 * Weight Standardization", arXiv 1903.10520; A. Kolesnikov and others, "Big Transfer (BiT)", arXiv 1912.11370; A.
 * Brock, S. De, S. L. Smith, "Characterizing signal propagation to close the performance gap in unnormalized
 * ResNets", arXiv 2101.08692.
 */
public final class WeightStandardization {

    /** What the spread of n weights with the biased variance σ² is divided by. */
    public enum Convention {
        /** σ·√(n/(n−1)) + ε: the unbiased deviation, ε outside the root, 1e-5. The authors' code. */
        DEVIATION(1e-5),
        /** √(σ² + ε), ε = 1e-10. BiT; layer norm over the fan-in. */
        ROOT(1e-10),
        /** √max(n·σ², ε), ε = 1e-4: the output keeps the variance of the input. NF-nets. */
        SCALED(1e-4);

        private final double epsilon;

        Convention(double epsilon) {
            this.epsilon = epsilon;
        }

        /**
         * Returns the published ε.
         *
         * @return the default
         */
        public double epsilon() {
            return epsilon;
        }
    }

    private final Convention convention;
    private final double epsilon;
    private final int dim;
    private final boolean gain;

    private WeightStandardization(Convention convention, double epsilon, int dim, boolean gain) {
        this.convention = convention;
        this.epsilon = epsilon;
        this.dim = dim;
        this.gain = gain;
    }

    /**
     * Describes weight standardization by a convention, with its ε.
     *
     * @param convention which
     * @return the description, with dim 0 and without γ
     */
    public static WeightStandardization of(Convention convention) {
        return new WeightStandardization(convention, convention.epsilon(), 0, false);
    }

    /**
     * Sets ε.
     *
     * @param newEpsilon finite and at least 0, positive for {@link Convention#DEVIATION} and {@link Convention#SCALED}
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public WeightStandardization epsilon(double newEpsilon) {
        Numbers.notNegative("epsilon", newEpsilon);
        if (newEpsilon == 0 && convention != Convention.ROOT) {
            throw new IllegalArgumentException("epsilon is 0; it must be positive for " + convention);
        }
        return new WeightStandardization(convention, newEpsilon, dim, gain);
    }

    /**
     * Sets the axis that counts outputs.
     *
     * @param newDim axis of v, 0 by default; negative ones count from the last, −1
     * @return a changed description
     */
    public WeightStandardization dim(int newDim) {
        return new WeightStandardization(convention, epsilon, newDim, gain);
    }

    /**
     * Adds a γ, one per output.
     *
     * @return a changed description
     */
    public WeightStandardization withGain() {
        return new WeightStandardization(convention, epsilon, dim, true);
    }

    /**
     * Plans both directions, the backend chosen by the planner.
     *
     * @param v spec of the weight
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if v does not fit the description
     */
    public Plan plan(TensorSpec v) {
        return plan(v, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param v spec of the weight
     * @param options directions and backend
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if v has no axis dim, has outputs with a single weight, which has no unbiased
     *         deviation,
     *         or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec v, PlanOptions options) {
        return new Plan(this, Objects.requireNonNull(v, "v"), options);
    }

    /** 1 divided by the convention's spread. */
    private double factor(double variance, double count) {
        return switch (convention) {
            case DEVIATION -> 1 / (Math.sqrt(variance * (count / (count - 1))) + epsilon);
            case ROOT -> Normalization.rstd(variance, epsilon);
            case SCALED -> 1 / Math.sqrt(Math.max(variance * count, epsilon));
        };
    }

    /** ρ: the rstd with which batch norm's backward has the right last term. */
    private double slope(double variance, double count, double factor) {
        // Where r is constant the term must vanish: it is then 2^-64 of the others, and scaling by 2^32 loses nothing.
        double vanishing = factor * 0x1p-32;
        return switch (convention) {
            case DEVIATION ->
                variance == 0 ? vanishing : Math.sqrt(factor * Math.sqrt(count / (count - 1)) / Math.sqrt(variance));
            case ROOT -> factor;
            case SCALED -> variance * count > epsilon ? 1 / Math.sqrt(variance) : vanishing;
        };
    }

    /** A weight standardization planned for one spec of v. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final WeightStandardization description;
        private final TensorSpec spec;
        private final TensorSpec parameters;
        private final TensorSpec wide;
        private final double count;
        private final PlannedPasses passes = new PlannedPasses();
        private final Scratch<Run> pool;

        private Plan(WeightStandardization description, TensorSpec v, PlanOptions options) {
            this.description = description;
            this.spec = v;
            int axis = Numbers.axis("dim", description.dim, v);
            this.parameters = TensorSpec.of(v.type(), Layout.ROWS, v.axis(axis));
            this.wide = parameters.as(DataType.F64);
            this.count = v.axis(axis) == 0 ? 0 : (double) (v.elements() / v.axis(axis));
            if (count == 1 && description.convention == Convention.DEVIATION) {
                throw new IllegalArgumentException("v is " + v + ", which has a single weight per output along dim "
                        + description.dim + "; an unbiased deviation needs at least 2");
            }
            TensorSpec x = TensorSpec.of(v.type(), Layout.CHANNELS_FIRST, v.product(0, axis), v.axis(axis),
                    v.product(axis + 1, v.rank()));
            if (options.forward()) {
                addForward(x, options);
            }
            if (options.backward()) {
                passes.add(problem(Pass.BACKWARD, x, true), options.request());
            }
            this.pool = new Scratch<>(() -> new Run(parameters));
        }

        private void addForward(TensorSpec x, PlanOptions options) {
            passes.add(problem(Pass.FORWARD, x, direct() && description.gain), options.request());
            if (!direct()) {
                passes.add(problem(Pass.INFERENCE, x, description.gain), options.request());
            }
        }

        /** Whether the kernels' own rstd is what is wanted, so that one pass does. */
        private boolean direct() {
            return description.convention == Convention.ROOT;
        }

        private Problem problem(Pass pass, TensorSpec x, boolean hasScale) {
            return new Problem(Operation.BATCH_NORM, pass, x, 0, 0, hasScale, false,
                    direct() ? description.epsilon : 0);
        }

        /**
         * Returns the shape of γ, mean and variance.
         *
         * @return spec in v's type: one element per output
         */
        public TensorSpec parameterSpec() {
            return parameters;
        }

        /**
         * Allocates what {@link #forward} saves for {@link #backward}: mean and variance in f64, on the heap.
         *
         * @return the bundle
         */
        public Statistics allocateStatistics() {
            return Statistics.meanAndVariance(Tensor.allocate(wide), Tensor.allocate(wide));
        }

        /**
         * Computes w.
         *
         * @param v weight, of the planned spec
         * @param gain γ of {@link #parameterSpec}; null if and only if the description has none
         * @param w output of v's spec; must not share memory with v
         * @param save f64 tensors for mean and biased variance, as {@link #allocateStatistics} makes them; those that
         *        are null are not saved
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor v, Tensor gain, Tensor w, Statistics save) {
            PlannedPass forward = passes.get(Pass.FORWARD);
            Arguments.require("v", v, spec);
            Arguments.parameter("gain", gain, parameters, description.gain);
            Arguments.require("w", w, spec);
            Arguments.output("w", w);
            Arguments.apart("w", w, "v", v);
            Arguments.apart("w", w, "gain", gain);
            Objects.requireNonNull(save, "save is null; it must be Statistics, perhaps Statistics.NONE");
            checkSaved("mean", save.mean(), v, gain, w);
            checkSaved("variance", save.variance(), v, gain, w);
            Arguments.apart("mean", save.mean(), "variance", save.variance());
            Run s = pool.take();
            forward.forward(v, direct() ? gain : null, null, s.moments, w);
            if (!direct()) {
                for (int i = 0; i < s.count; i++) {
                    s.rstd.set(i, description.factor(s.variance.get(i), count));
                }
                passes.get(Pass.INFERENCE).forward(v, gain, null, s.given, w);
            }
            s.save(save);
            pool.giveBack(s);
        }

        private void checkSaved(String name, Tensor tensor, Tensor v, Tensor gain, Tensor w) {
            Arguments.optional(name, tensor, wide);
            Arguments.output(name, tensor);
            Arguments.apart(name, tensor, "v", v);
            Arguments.apart(name, tensor, "gain", gain);
            Arguments.apart(name, tensor, "w", w);
        }

        /**
         * Computes gradients.
         *
         * @param dw gradient of w
         * @param v weight of the forward pass
         * @param gain γ; null if and only if the description has none
         * @param saved mean and variance of the forward pass
         * @param dv receives the gradient of v, or null if not wanted; may be exactly v or dw
         * @param dgain receives the gradient of γ; null if not wanted, and if the description has no γ
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dw, Tensor v, Tensor gain, Statistics saved, Tensor dv, Tensor dgain) {
            PlannedPass backward = passes.get(Pass.BACKWARD);
            checkBackward(dw, v, gain, saved, dv, dgain);
            Run s = pool.take();
            s.load(saved);
            for (int i = 0; i < s.count; i++) {
                double factor = description.factor(s.variance.get(i), count);
                double slope = description.slope(s.variance.get(i), count, factor);
                s.ratio[i] = slope == 0 ? 0 : factor / slope;
                s.rstd.set(i, slope);
                s.scale.set(i, (gain == null ? 1 : gain.get(i)) * s.ratio[i]);
            }
            backward.backward(dw, v, s.scale, s.given, dv, dgain, null);
            if (dgain != null) {
                for (int i = 0; i < s.count; i++) {
                    dgain.set(i, dgain.get(i) * s.ratio[i]);
                }
            }
            pool.giveBack(s);
        }

        private void checkBackward(Tensor dw, Tensor v, Tensor gain, Statistics saved, Tensor dv, Tensor dgain) {
            Arguments.require("dw", dw, spec);
            Arguments.require("v", v, spec);
            Arguments.parameter("gain", gain, parameters, description.gain);
            Objects.requireNonNull(saved, "saved is null; it must be the Statistics of the forward pass");
            Arguments.require("mean", saved.mean(), wide);
            Arguments.require("variance", saved.variance(), wide);
            Arguments.optional("dv", dv, spec);
            Arguments.gradient("dgain", dgain, parameters, description.gain);
            Arguments.apartOrSame("dv", dv, "dw", dw);
            Arguments.apartOrSame("dv", dv, "v", v);
            Arguments.apart("dgain", dgain, "dw", dw);
            Arguments.apart("dgain", dgain, "v", v);
            Arguments.apart("dgain", dgain, "dv", dv);
            checkGradient("dv", dv, gain, saved);
            checkGradient("dgain", dgain, gain, saved);
        }

        private static void checkGradient(String name, Tensor gradient, Tensor gain, Statistics saved) {
            Arguments.output(name, gradient);
            Arguments.apart(name, gradient, "gain", gain);
            Arguments.apart(name, gradient, "mean", saved.mean());
            Arguments.apart(name, gradient, "variance", saved.variance());
        }

        /**
         * Returns the decisions behind this plan.
         *
         * @return an immutable list, one for each problem handed to a backend
         */
        public List<Decision> decisions() {
            return passes.decisions();
        }

        /**
         * Explains for every problem handed to a backend which one was chosen and why.
         *
         * @return a few lines of plain text
         */
        public String explain() {
            return passes.explain();
        }

        /** Frees what the plan holds. */
        @Override
        public void close() {
            passes.close();
            pool.close();
        }
    }

    /** What one execution works with: one value per output. */
    private static final class Run {

        final int count;
        final Tensor mean;
        final Tensor variance;
        final Tensor rstd;
        final Tensor scale;
        final double[] ratio;
        final Statistics moments;
        final Statistics given;

        Run(TensorSpec parameters) {
            TensorSpec wide = parameters.as(DataType.F64);
            mean = Tensor.allocate(wide);
            variance = Tensor.allocate(wide);
            rstd = Tensor.allocate(wide);
            scale = Tensor.allocate(parameters);
            count = Math.toIntExact(parameters.elements());
            ratio = new double[count];
            moments = Statistics.meanAndVariance(mean, variance);
            given = Statistics.meanAndRstd(mean, rstd);
        }

        void save(Statistics to) {
            copy(mean, to.mean());
            copy(variance, to.variance());
        }

        void load(Statistics from) {
            copy(from.mean(), mean);
            copy(from.variance(), variance);
        }

        private void copy(Tensor from, Tensor to) {
            if (to != null) {
                for (int i = 0; i < count; i++) {
                    to.set(i, from.get(i));
                }
            }
        }
    }
}
