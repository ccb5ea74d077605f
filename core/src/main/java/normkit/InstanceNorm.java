package normkit;

import normkit.activation.Activation;
import normkit.spi.Operation;
import normkit.tensor.TensorSpec;

/**
 * Instance normalization: every sample and channel is brought to mean 0 and variance 1 over its spatial axes, then scaled and
 * shifted per channel. γ and β have one element per channel. Immutable and thread-safe.
 *
 * <p>A NaN or infinity makes its own sample and channel NaN; without spatial axes every y is β.
 *
 * <p>Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization", arXiv
 * 1607.08022; semantics as PyTorch's {@code nn.InstanceNorm2d} without running statistics.
 */
public final class InstanceNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final Affine affine;
    private final double epsilon;

    private InstanceNorm(Affine affine, double epsilon) {
        this.affine = affine;
        this.epsilon = epsilon;
    }

    /**
     * Describes instance normalization.
     *
     * @return the description, with γ, β and ε = 1e-5
     */
    public static InstanceNorm create() {
        return new InstanceNorm(Affine.BOTH, DEFAULT_EPSILON);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public InstanceNorm epsilon(double newEpsilon) {
        if (!(newEpsilon >= 0 && newEpsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + newEpsilon + "; it must be finite and at least 0");
        }
        return new InstanceNorm(affine, newEpsilon);
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public InstanceNorm withoutScale() {
        return new InstanceNorm(affine.withoutScale(), epsilon);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public InstanceNorm withoutShift() {
        return new InstanceNorm(affine.withoutShift(), epsilon);
    }

    /**
     * Applies an activation to the output: y = activation(γ·x̂ + β), formed while it is in the cache. Backward then needs β,
     * if there is one.
     *
     * @param activation the activation
     * @return a changed description
     */
    public InstanceNorm then(Activation activation) {
        return new InstanceNorm(affine.then(activation), epsilon);
    }

    /**
     * Applies an activation to the input: what is normalized is activation(x). Backward is given x itself.
     *
     * @param activation the activation
     * @return a changed description
     */
    public InstanceNorm after(Activation activation) {
        return new InstanceNorm(affine.after(activation), epsilon);
    }

    /**
     * Plans both directions, the backend chosen by the planner.
     *
     * @param x spec of the input
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x does not fit the description
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param x spec of the input
     * @param options directions and backend
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x does not fit the description, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(this, x, options);
    }

    /** A InstanceNorm planned for one tensor spec. */
    public static final class Plan extends SetwisePlan {

        private Plan(InstanceNorm norm, TensorSpec x, PlanOptions options) {
            super(Operation.INSTANCE_NORM, x, 0, 0, norm.affine, norm.epsilon, options);
        }
    }
}
