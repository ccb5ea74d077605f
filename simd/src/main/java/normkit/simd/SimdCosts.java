package normkit.simd;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take on one thread, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class SimdCosts {

    private SimdCosts() {
    }

    static Cost of(Problem problem) {
        if (problem.x().layout() == Layout.ROWS) {
            return rows(problem.pass());
        }
        return problem.hasPlanes() ? planes(problem.pass()) : columns(problem.pass());
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(18.5, 50.9, 74.4).perCall(439).perRun(44.6).perParameter(1.14).spilling(165)
                : Cost.perKiB(16.6, 39.7, 49.7).perCall(125).perRun(29.2).spilling(68.4);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(9, 22.7, 67.5).perCall(1200).perRun(50.9);
            case INFERENCE -> Cost.perKiB(3.4, 11.7, 29).perCall(420).perRun(14);
            case BACKWARD -> Cost.perKiB(6, 30, 67).perCall(2000).perRun(85);
            case FROZEN_BACKWARD -> Cost.perKiB(4.4, 22.5, 70.9).perCall(1475).perRun(45);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(24.6, 36.3, 66.2).perCall(967).perRun(24.9);
            // Plain stores read a line before they write it, which is felt where the third level is far.
            case INFERENCE -> Cost.perKiB(13.4, 17.6, 33.6).perCall(661).perRun(1.6).crossingMesh(5);
            case BACKWARD -> Cost.perKiB(29.3, 41.1, 84.4).perCall(768).perRun(22.1);
            case FROZEN_BACKWARD -> Cost.perKiB(20.8, 32.5, 66.6).perCall(1625);
        };
    }
}
