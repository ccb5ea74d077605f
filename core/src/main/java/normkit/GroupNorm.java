package normkit;

import normkit.activation.Activation;
import normkit.spi.Operation;
import normkit.tensor.TensorSpec;

/**
 * Group normalization: the channels are split into groups; every sample and group is brought to mean 0 and variance 1 over its
 * channels and spatial axes, then scaled and shifted per channel. γ and β have one element per channel. Immutable and
 * thread-safe.
 *
 * <p>With one group, y equals layer normalization over all axes but the batch to the last bit, with as many groups as channels
 * instance normalization. A NaN or infinity makes its own sample and group NaN.
 *
 * <p>Source: Y. Wu, K. He, "Group Normalization", arXiv 1803.08494; semantics and defaults as PyTorch's
 * {@code nn.GroupNorm}.
 */
public final class GroupNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final long groups;
    private final Affine affine;
    private final double epsilon;

    private GroupNorm(long groups, Affine affine, double epsilon) {
        this.groups = groups;
        this.affine = affine;
        this.epsilon = epsilon;
    }

    /**
     * Describes group normalization.
     *
     * @param groups number of channel groups, at least 1; it must divide the channels of x
     * @return the description, with γ, β and ε = 1e-5
     * @throws IllegalArgumentException if there are no groups
     */
    public static GroupNorm of(long groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("groups is " + groups + "; it must be at least 1");
        }
        return new GroupNorm(groups, Affine.BOTH, DEFAULT_EPSILON);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public GroupNorm epsilon(double newEpsilon) {
        if (!(newEpsilon >= 0 && newEpsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + newEpsilon + "; it must be finite and at least 0");
        }
        return new GroupNorm(groups, affine, newEpsilon);
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public GroupNorm withoutScale() {
        return new GroupNorm(groups, affine.withoutScale(), epsilon);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public GroupNorm withoutShift() {
        return new GroupNorm(groups, affine.withoutShift(), epsilon);
    }

    /**
     * Applies an activation to the output: y = activation(γ·x̂ + β), formed while it is in the cache. Backward then needs β,
     * if there is one.
     *
     * @param activation the activation
     * @return a changed description
     */
    public GroupNorm then(Activation activation) {
        return new GroupNorm(groups, affine.then(activation), epsilon);
    }

    /**
     * Applies an activation to the input: what is normalized is activation(x). Backward is given x itself.
     *
     * @param activation the activation
     * @return a changed description
     */
    public GroupNorm after(Activation activation) {
        return new GroupNorm(groups, affine.after(activation), epsilon);
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

    /** A GroupNorm planned for one tensor spec. */
    public static final class Plan extends SetwisePlan {

        private Plan(GroupNorm norm, TensorSpec x, PlanOptions options) {
            super(Operation.GROUP_NORM, x, 0, norm.groups, norm.affine, norm.epsilon, options);
        }
    }
}
