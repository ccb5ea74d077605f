package normkit.bench.run;

import normkit.RunningStatistics;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * The tensors of one call, null where a pass does not use them or they are not wanted.
 *
 * @param x input
 * @param dy gradient of y
 * @param scale γ
 * @param shift β
 * @param statistics forward: those to save; otherwise those to use
 * @param running running statistics a training batch norm updates
 * @param y output
 * @param dx gradient of x
 * @param dscale gradient of γ
 * @param dshift gradient of β
 * @param residual what is added to x
 * @param sum receives that sum
 * @param dsum gradient of the sum from elsewhere
 */
public record Operands(Tensor x, Tensor dy, Tensor scale, Tensor shift, Statistics statistics,
        RunningStatistics running, Tensor y, Tensor dx, Tensor dscale, Tensor dshift, Tensor residual, Tensor sum,
        Tensor dsum) {

    /**
     * The operands of a pass without a residual.
     *
     * @param x input
     * @param dy gradient of y
     * @param scale γ
     * @param shift β
     * @param statistics forward: those to save; otherwise those to use
     * @param running running statistics a training batch norm updates
     * @param y output
     * @param dx gradient of x
     * @param dscale gradient of γ
     * @param dshift gradient of β
     */
    public Operands(Tensor x, Tensor dy, Tensor scale, Tensor shift, Statistics statistics, RunningStatistics running,
            Tensor y, Tensor dx, Tensor dscale, Tensor dshift) {
        this(x, dy, scale, shift, statistics, running, y, dx, dscale, dshift, null, null, null);
    }

    /**
     * The operands of a forward pass.
     *
     * @param x input
     * @param scale γ, or null
     * @param shift β, or null
     * @param statistics those to save, or to use for inference
     * @param running running statistics to update, or null
     * @param y output
     * @return the operands
     */
    public static Operands forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics,
            RunningStatistics running, Tensor y) {
        return new Operands(x, null, scale, shift, statistics, running, y, null, null, null);
    }

    /**
     * The operands of a backward pass.
     *
     * @param dy gradient of y
     * @param x input of the forward pass
     * @param scale γ, or null
     * @param statistics those of the forward pass
     * @param dx receives the gradient of x
     * @param dscale receives the gradient of γ, or null
     * @param dshift receives the gradient of β, or null
     * @return the operands
     */
    public static Operands backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        return new Operands(x, dy, scale, null, statistics, null, null, dx, dscale, dshift);
    }

    /**
     * Sets β, which gradients through an activation depend on.
     *
     * @param newShift β, or null
     * @return changed operands
     */
    public Operands shift(Tensor newShift) {
        return new Operands(x, dy, scale, newShift, statistics, running, y, dx, dscale, dshift, residual, sum, dsum);
    }

    /**
     * Sets what goes with a residual.
     *
     * @param newResidual what is added to x, or null
     * @param newSum receives that sum, or null
     * @param newDsum gradient of the sum from elsewhere, or null
     * @return changed operands
     */
    public Operands residual(Tensor newResidual, Tensor newSum, Tensor newDsum) {
        return new Operands(x, dy, scale, shift, statistics, running, y, dx, dscale, dshift, newResidual, newSum,
                newDsum);
    }
}
