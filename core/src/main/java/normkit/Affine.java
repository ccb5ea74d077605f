package normkit;

import normkit.activation.Activation;
import normkit.spi.Fusion;

/**
 * What is done to the elements but the normalization itself.
 *
 * @param scale whether there is a γ
 * @param shift whether there is a β
 * @param fusion activations and residual
 */
record Affine(boolean scale, boolean shift, Fusion fusion) {

    static final Affine BOTH = new Affine(true, true, Fusion.NONE);

    Affine withoutScale() {
        return new Affine(false, shift, fusion);
    }

    Affine withoutShift() {
        return new Affine(scale, false, fusion);
    }

    Affine withShift() {
        return new Affine(scale, true, fusion);
    }

    Affine then(Activation activation) {
        return new Affine(scale, shift, fusion.then(activation));
    }

    Affine after(Activation activation) {
        return new Affine(scale, shift, fusion.after(activation));
    }

    Affine addingResidual() {
        return new Affine(scale, shift, fusion.addingResidual());
    }
}
