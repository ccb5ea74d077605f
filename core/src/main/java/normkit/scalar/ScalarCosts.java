package normkit.scalar;

import normkit.spi.Cost;
import normkit.spi.Problem;

/** What the portable kernels take, by geometry and pass. */
final class ScalarCosts {

    private ScalarCosts() {
    }

    static Cost of(Problem problem) {
        return Cost.UNKNOWN;
    }
}
