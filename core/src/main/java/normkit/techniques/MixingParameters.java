package normkit.techniques;

import normkit.tensor.Tensor;

/** What the parameters of techniques that mix statistics have in common. */
sealed interface MixingParameters
        permits BatchInstanceNorm.Parameters, BatchLayerNorm.Parameters, SwitchableNorm.Parameters {

    /**
     * Returns γ.
     *
     * @return one element per channel; null if and only if the description has none. As a gradient, null if it is not wanted
     */
    Tensor scale();

    /**
     * Returns β.
     *
     * @return one element per channel; null if and only if the description has none. As a gradient, null if it is not wanted
     */
    Tensor shift();
}
