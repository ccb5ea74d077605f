package normkit.spi;

import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * A problem ready to run, any number of times and from any number of threads at once. Arguments have been checked by the
 * caller: specs fit the problem, memory is alive, outputs overlap nothing but what may be worked on in place (y on x; dx
 * on x or dy). Implementations allocate nothing per run once they are warm.
 */
public interface Execution extends AutoCloseable {

    /**
     * Runs a {@link Pass#FORWARD} or {@link Pass#INFERENCE} problem.
     *
     * @param x input
     * @param scale γ, null where the problem has none
     * @param shift β, null where the problem has none
     * @param statistics forward: the tensors to fill; inference: mean and either variance or rstd to use
     * @param y output
     */
    void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y);

    /**
     * Runs a {@link Pass#BACKWARD} or {@link Pass#FROZEN_BACKWARD} problem.
     *
     * @param dy gradient of the output
     * @param x input of the forward pass
     * @param scale γ, null where the problem has none
     * @param statistics mean and either variance or rstd of the forward pass
     * @param dx receives the gradient of the input, null if not wanted
     * @param dscale receives the gradient of γ, null if not wanted
     * @param dshift receives the gradient of β, null if not wanted
     */
    void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale, Tensor dshift);

    /**
     * Runs a {@link Pass#FORWARD} or {@link Pass#INFERENCE} problem whose input has a residual.
     *
     * @param x input
     * @param residual what is added to it; null where the problem has none
     * @param sum receives the sum, which is what is normalized; null where the problem has no residual
     * @param scale γ, null where the problem has none
     * @param shift β, null where the problem has none
     * @param statistics forward: the tensors to fill; inference: mean and either variance or rstd to use
     * @param y output
     * @throws UnsupportedOperationException if there is a residual and this execution is of a backend that declines such
     *         problems
     */
    default void forward(Tensor x, Tensor residual, Tensor sum, Tensor scale, Tensor shift, Statistics statistics,
            Tensor y) {
        if (residual != null) {
            throw new UnsupportedOperationException("a residual is not supported");
        }
        forward(x, scale, shift, statistics, y);
    }

    /**
     * Runs a {@link Pass#BACKWARD} or {@link Pass#FROZEN_BACKWARD} problem of any {@link Fusion}.
     *
     * @param dy gradient of the output
     * @param sumGradient gradient of the sum from elsewhere; null if there is none, and where the problem has no residual
     * @param x input of the forward pass, or its sum
     * @param scale γ, null where the problem has none
     * @param shift β, needed where {@link Problem#gradientNeedsShift}; otherwise ignored
     * @param statistics mean and either variance or rstd of the forward pass
     * @param dx receives the gradient of the input, null if not wanted
     * @param dscale receives the gradient of γ, null if not wanted
     * @param dshift receives the gradient of β, null if not wanted
     * @throws UnsupportedOperationException if there is a gradient of the sum and this execution is of a backend that
     *         declines such problems
     */
    default void backward(Tensor dy, Tensor sumGradient, Tensor x, Tensor scale, Tensor shift, Statistics statistics,
            Tensor dx, Tensor dscale, Tensor dshift) {
        if (sumGradient != null) {
            throw new UnsupportedOperationException("a residual is not supported");
        }
        backward(dy, x, scale, statistics, dx, dscale, dshift);
    }

    /** Frees what the execution holds, at once; no run may be under way or follow. */
    @Override
    void close();
}
