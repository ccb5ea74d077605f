package normkit.engine;

import normkit.tensor.Tensor;

/** The further tensors of a run of a problem that has a {@link normkit.spi.Fusion}; null where it does not take them. */
final class Extras {

    /** What is added to x. */
    Tensor residual;
    /** Where that sum goes, which is what is normalized. */
    Tensor sum;
    /** β, which the gradient through an activation of the output depends on. */
    Tensor shift;
    /** Gradient of the sum from elsewhere. */
    Tensor sumGradient;
    /** Where the gradient of what the activation of the output was applied to goes. */
    Tensor gradient;
    /** Where the activated input goes in a backward pass, and then its gradient. */
    Tensor input;

    void forget() {
        residual = null;
        sum = null;
        shift = null;
        sumGradient = null;
        gradient = null;
        input = null;
    }
}
