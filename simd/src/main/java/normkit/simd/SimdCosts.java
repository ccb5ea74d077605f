package normkit.simd;

import normkit.spi.Cost;
import normkit.spi.Problem;

/** What the vector kernels take, by geometry and pass. */
final class SimdCosts {

    private SimdCosts() {
    }

    static Cost of(Problem problem) {
        return Cost.UNKNOWN;
    }
}
