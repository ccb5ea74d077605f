package normkit;

import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A plan of an operation that treats every sample by itself, in training and inference alike. */
public abstract sealed class SetwisePlan extends Plan
        permits LayerNorm.Plan, RmsNorm.Plan, GroupNorm.Plan, InstanceNorm.Plan {

    SetwisePlan(Operation operation, TensorSpec x, int normalizedRank, long groups, Affine affine, double epsilon,
            PlanOptions options) {
        super(x, options);
        if (options.forward()) {
            add(new Problem(operation, Pass.FORWARD, x, normalizedRank, groups, affine.scale(), affine.shift(), epsilon,
                    affine.fusion()), options);
        }
        if (options.backward()) {
            add(new Problem(operation, Pass.BACKWARD, x, normalizedRank, groups, affine.scale(), affine.shift(),
                    epsilon, affine.fusion()), options);
        }
    }

    /**
     * Normalizes: y = γ·x̂ + β.
     *
     * @param x input of the planned spec
     * @param scale γ of {@link #parameterSpec}; null if and only if the description has none
     * @param shift β of {@link #parameterSpec}; null if and only if the description has none
     * @param y output of x's spec; may be exactly x, for work in place
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void forward(Tensor x, Tensor scale, Tensor shift, Tensor y) {
        forward(x, scale, shift, y, Statistics.NONE);
    }

    /**
     * Normalizes and saves the statistics for {@link #backward}.
     *
     * @param x input of the planned spec
     * @param scale γ of {@link #parameterSpec}; null if and only if the description has none
     * @param shift β of {@link #parameterSpec}; null if and only if the description has none
     * @param y output of x's spec; may be exactly x, for work in place
     * @param save tensors of {@link #statisticsSpec}, in x's type or f64, to fill; those that are null are not saved
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void forward(Tensor x, Tensor scale, Tensor shift, Tensor y, Statistics save) {
        runForward(Pass.FORWARD, x, scale, shift, save, y);
    }

    /**
     * Adds a residual, normalizes the sum and saves the statistics for {@link #backward}.
     *
     * @param x input of the planned spec
     * @param residual what is added to x, of x's spec
     * @param scale γ of {@link #parameterSpec}; null if and only if the description has none
     * @param shift β of {@link #parameterSpec}; null if and only if the description has none
     * @param sum receives x + residual, of x's spec; may be exactly x or the residual
     * @param y output of x's spec; may be exactly x or the residual, but not the sum
     * @param save tensors of {@link #statisticsSpec}, in x's type or f64, to fill; those that are null are not saved
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or the description adds no
     *         residual
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void forward(Tensor x, Tensor residual, Tensor scale, Tensor shift, Tensor sum, Tensor y,
            Statistics save) {
        runForward(Pass.FORWARD, x, residual, sum, scale, shift, save, y);
    }

    /**
     * Computes gradients: with g = γ·dy, dx = rstd·(g − mean(g) − x̂·mean(g·x̂)) (RMS norm without the middle term), dγ = Σ
     * dy·x̂ and dβ = Σ dy. Over an empty tensor dγ and dβ are 0.
     *
     * @param dy gradient of y
     * @param x input of the forward pass
     * @param scale γ; null if and only if the description has none
     * @param saved mean (not for RMS norm) and rstd, or variance, of the forward pass
     * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy, for work in place
     * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
     * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void backward(Tensor dy, Tensor x, Tensor scale, Statistics saved, Tensor dx, Tensor dscale,
            Tensor dshift) {
        runBackward(Pass.BACKWARD, dy, null, x, scale, null, saved, dx, dscale, dshift);
    }

    /**
     * Computes gradients through an activation of the output: as without one, with dz = dy·activation′(γ·x̂ + β) in place of
     * dy. The gradient through an activation of the input needs no argument of its own, as x is what that was applied to.
     *
     * @param dy gradient of y
     * @param x input of the forward pass
     * @param scale γ; null if and only if the description has none
     * @param shift β; null if the description has none
     * @param saved mean (not for RMS norm) and rstd, or variance, of the forward pass
     * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy, for work in place
     * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
     * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void backward(Tensor dy, Tensor x, Tensor scale, Tensor shift, Statistics saved, Tensor dx,
            Tensor dscale, Tensor dshift) {
        runBackward(Pass.BACKWARD, dy, null, x, scale, shift, saved, dx, dscale, dshift);
    }

    /**
     * Computes gradients where a residual was added: dx, which is the gradient of x and of the residual alike, is the
     * normalization's gradient of the sum, rounded, plus dsum.
     *
     * @param dy gradient of y
     * @param dsum gradient of the sum by way of what else it was used for; null for none
     * @param sum sum of the forward pass
     * @param scale γ; null if and only if the description has none
     * @param shift β; null if the description has none; may be null if there is no activation of the output
     * @param saved mean (not for RMS norm) and rstd, or variance, of the forward pass
     * @param dx receives the gradient; null if not wanted; may be exactly the sum or dy, but not dsum
     * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
     * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or the description adds no
     *         residual
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void backward(Tensor dy, Tensor dsum, Tensor sum, Tensor scale, Tensor shift, Statistics saved,
            Tensor dx, Tensor dscale, Tensor dshift) {
        runBackward(Pass.BACKWARD, dy, dsum, sum, scale, shift, saved, dx, dscale, dshift);
    }
}
