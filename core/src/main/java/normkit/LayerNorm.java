package normkit;

import normkit.activation.Activation;
import normkit.spi.Operation;
import normkit.tensor.TensorSpec;

/**
 * Layer normalization: every row, over all of the normalized trailing axes, is brought to mean 0 and variance 1, then scaled
 * and shifted per element: y = γ·(x − mean)/√(variance + ε) + β, with the biased variance. γ and β have the normalized
 * shape. Immutable and thread-safe.
 *
 * <p>A row with one element, or with equal elements, comes out as β. A NaN or infinity makes its own row NaN.
 *
 * <p>Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", arXiv 1607.06450; semantics and defaults as
 * PyTorch's {@code nn.LayerNorm}.
 */
public final class LayerNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final long[] normalizedShape;
    private final Affine affine;
    private final double epsilon;

    private LayerNorm(long[] normalizedShape, Affine affine, double epsilon) {
        this.normalizedShape = normalizedShape;
        this.affine = affine;
        this.epsilon = epsilon;
    }

    /**
     * Describes layer normalization over the trailing axes of x that have this shape.
     *
     * @param normalizedShape lengths of the trailing axes, at least one axis, each at least 0
     * @return the description, with γ, β and ε = 1e-5
     * @throws IllegalArgumentException if the shape is empty or an axis is negative
     */
    public static LayerNorm over(long... normalizedShape) {
        return new LayerNorm(Rows.requireShape(normalizedShape), Affine.BOTH, DEFAULT_EPSILON);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public LayerNorm epsilon(double newEpsilon) {
        if (!(newEpsilon >= 0 && newEpsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + newEpsilon + "; it must be finite and at least 0");
        }
        return new LayerNorm(normalizedShape, affine, newEpsilon);
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public LayerNorm withoutScale() {
        return new LayerNorm(normalizedShape, affine.withoutScale(), epsilon);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public LayerNorm withoutShift() {
        return new LayerNorm(normalizedShape, affine.withoutShift(), epsilon);
    }

    /**
     * Applies an activation to the output: y = activation(γ·x̂ + β), formed while it is in the cache. Backward then needs β,
     * if there is one.
     *
     * @param activation the activation
     * @return a changed description
     */
    public LayerNorm then(Activation activation) {
        return new LayerNorm(normalizedShape, affine.then(activation), epsilon);
    }

    /**
     * Applies an activation to the input: what is normalized is activation(x). Backward is given x itself.
     *
     * @param activation the activation
     * @return a changed description
     * @throws IllegalArgumentException if there is a residual
     */
    public LayerNorm after(Activation activation) {
        return new LayerNorm(normalizedShape, affine.after(activation), epsilon);
    }

    /**
     * Adds another tensor to the input: what is normalized is x + residual (rounded to x's type), and that sum is written
     * out, as transformers need it for the next residual.
     *
     * @return a changed description
     * @throws IllegalArgumentException if an activation is applied to the input
     */
    public LayerNorm addingResidual() {
        return new LayerNorm(normalizedShape, affine.addingResidual(), epsilon);
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
        Rows.requireTrailing(x, normalizedShape);
        return new Plan(this, x, options);
    }

    /** A LayerNorm planned for one tensor spec. */
    public static final class Plan extends SetwisePlan {

        private Plan(LayerNorm norm, TensorSpec x, PlanOptions options) {
            super(Operation.LAYER_NORM, x, norm.normalizedShape.length, 0, norm.affine, norm.epsilon, options);
        }
    }
}
