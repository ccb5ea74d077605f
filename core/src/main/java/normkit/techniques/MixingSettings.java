package normkit.techniques;

import java.util.Objects;
import normkit.BatchNorm.RunningVariance;
import normkit.Momentum;

/**
 * What descriptions of techniques with a batch's statistics have in common.
 *
 * @param scale whether there is a γ
 * @param shift whether there is a β
 * @param epsilon what is added to a variance inside the root
 * @param momentum how running statistics take in a batch
 * @param runningVariance which variance they collect
 */
record MixingSettings(boolean scale, boolean shift, double epsilon, Momentum momentum,
        RunningVariance runningVariance) {

    MixingSettings {
        requireEpsilon(epsilon);
        Objects.requireNonNull(momentum, "momentum");
        Objects.requireNonNull(runningVariance, "convention");
    }

    static double requireEpsilon(double epsilon) {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + "; it must be finite and at least 0");
        }
        return epsilon;
    }

    MixingSettings epsilon(double changed) {
        return new MixingSettings(scale, shift, changed, momentum, runningVariance);
    }

    MixingSettings momentum(Momentum changed) {
        return new MixingSettings(scale, shift, epsilon, changed, runningVariance);
    }

    MixingSettings runningVariance(RunningVariance changed) {
        return new MixingSettings(scale, shift, epsilon, momentum, changed);
    }

    MixingSettings withoutScale() {
        return new MixingSettings(false, shift, epsilon, momentum, runningVariance);
    }

    MixingSettings withoutShift() {
        return new MixingSettings(scale, false, epsilon, momentum, runningVariance);
    }
}
