package normkit.techniques;

import java.util.Objects;
import normkit.Momentum;

/**
 * What descriptions of techniques over channels have in common.
 *
 * @param scale whether there is a γ
 * @param shift whether there is a β
 * @param epsilon what is added to a variance inside the root
 * @param momentum how running statistics take in a batch
 */
record ChannelSettings(boolean scale, boolean shift, double epsilon, Momentum momentum) {

    /** γ, β, ε = 1e-5 and PyTorch's momentum. */
    static final ChannelSettings DEFAULT = new ChannelSettings(true, true, 1e-5, Momentum.DEFAULT);

    ChannelSettings {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + "; it must be finite and at least 0");
        }
        Objects.requireNonNull(momentum, "momentum");
    }

    ChannelSettings withoutScale() {
        return new ChannelSettings(false, shift, epsilon, momentum);
    }

    ChannelSettings withoutShift() {
        return new ChannelSettings(scale, false, epsilon, momentum);
    }

    ChannelSettings with(double newEpsilon) {
        return new ChannelSettings(scale, shift, newEpsilon, momentum);
    }

    ChannelSettings with(Momentum newMomentum) {
        return new ChannelSettings(scale, shift, epsilon, newMomentum);
    }
}
