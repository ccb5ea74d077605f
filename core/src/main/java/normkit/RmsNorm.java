package normkit;

import normkit.activation.Activation;
import normkit.spi.Operation;
import normkit.tensor.TensorSpec;

/**
 * Root mean square normalization: y = γ·x/√(mean(x²) + ε), plus β if there is one; no mean is subtracted. γ and β have the
 * normalized shape. Immutable and thread-safe.
 *
 * <p>A row of zeros comes out as β. A NaN or infinity makes its own row NaN.
 *
 * <p>Source: B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467. ε defaults to 1e-5 as in ONNX;
 * PyTorch defaults to the machine epsilon of the compute type, Keras to 1e-6.
 */
public final class RmsNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final long[] normalizedShape;
    private final Affine affine;
    private final double epsilon;

    private RmsNorm(long[] normalizedShape, Affine affine, double epsilon) {
        this.normalizedShape = normalizedShape;
        this.affine = affine;
        this.epsilon = epsilon;
    }

    /**
     * Describes RMS normalization over the trailing axes of x that have this shape.
     *
     * @param normalizedShape lengths of the trailing axes, at least one axis, each at least 0
     * @return the description, with γ, no β and ε = 1e-5
     * @throws IllegalArgumentException if the shape is empty or an axis is negative
     */
    public static RmsNorm over(long... normalizedShape) {
        return new RmsNorm(Rows.requireShape(normalizedShape), Affine.BOTH.withoutShift(), DEFAULT_EPSILON);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public RmsNorm epsilon(double newEpsilon) {
        if (!(newEpsilon >= 0 && newEpsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + newEpsilon + "; it must be finite and at least 0");
        }
        return new RmsNorm(normalizedShape, affine, newEpsilon);
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public RmsNorm withoutScale() {
        return new RmsNorm(normalizedShape, affine.withoutScale(), epsilon);
    }

    /**
     * Adds a β.
     *
     * @return a changed description
     */
    public RmsNorm withShift() {
        return new RmsNorm(normalizedShape, affine.withShift(), epsilon);
    }

    /**
     * Applies an activation to the output: y = activation(γ·x̂ + β), formed while it is in the cache. Backward then needs β,
     * if there is one.
     *
     * @param activation the activation
     * @return a changed description
     */
    public RmsNorm then(Activation activation) {
        return new RmsNorm(normalizedShape, affine.then(activation), epsilon);
    }

    /**
     * Applies an activation to the input: what is normalized is activation(x). Backward is given x itself.
     *
     * @param activation the activation
     * @return a changed description
     * @throws IllegalArgumentException if there is a residual
     */
    public RmsNorm after(Activation activation) {
        return new RmsNorm(normalizedShape, affine.after(activation), epsilon);
    }

    /**
     * Adds another tensor to the input: what is normalized is x + residual (rounded to x's type), and that sum is written
     * out, as transformers need it for the next residual.
     *
     * @return a changed description
     * @throws IllegalArgumentException if an activation is applied to the input
     */
    public RmsNorm addingResidual() {
        return new RmsNorm(normalizedShape, affine.addingResidual(), epsilon);
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

    /** A RmsNorm planned for one tensor spec. */
    public static final class Plan extends SetwisePlan {

        private Plan(RmsNorm norm, TensorSpec x, PlanOptions options) {
            super(Operation.RMS_NORM, x, norm.normalizedShape.length, 0, norm.affine, norm.epsilon, options);
        }
    }
}
