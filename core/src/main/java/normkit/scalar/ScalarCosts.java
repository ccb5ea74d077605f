package normkit.scalar;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take on one thread, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class ScalarCosts {

    private ScalarCosts() {
    }

    static Cost of(Problem problem) {
        if (problem.x().layout() == Layout.ROWS) {
            return rows(problem.pass());
        }
        return problem.hasPlanes() ? planes(problem.pass()) : columns(problem.pass());
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(85.3, 129, 129).perCall(461).perRun(44.6).perParameter(1.14).spilling(171)
                : Cost.perKiB(40.7, 73.2, 73.2).perCall(130).perRun(29.2).spilling(65);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(10, 42.1, 94.7).perCall(2951).perRun(79.8);
            case INFERENCE -> Cost.perKiB(12.3, 17.5, 50.1).perCall(145).perRun(21.9);
            case BACKWARD -> Cost.perKiB(25, 83, 136).perCall(1906).perRun(161);
            case FROZEN_BACKWARD -> Cost.perKiB(11.2, 72, 136).perCall(5593).perRun(140);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(74.2, 74.2, 87.6).perCall(1904).perRun(14.7);
            case INFERENCE -> Cost.perKiB(37.5, 37.5, 43.3).perCall(898);
            case BACKWARD -> Cost.perKiB(98.2, 98.2, 111).perCall(1744).perRun(6.3);
            case FROZEN_BACKWARD -> Cost.perKiB(71.5, 71.5, 90.3).perCall(1697);
        };
    }
}
