package normkit.scalar;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class ScalarCosts {

    private ScalarCosts() {
    }

    static Cost of(Problem problem) {
        if (problem.x().layout() == Layout.ROWS) {
            return rows(problem.pass());
        }
        boolean planes = problem.x().layout() == Layout.CHANNELS_FIRST && problem.x().spatial() > 1;
        return planes ? planes(problem.pass()) : columns(problem.pass());
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(26.2, 81.6, 90.1).perRun(433).perParameter(1.36).spilling(260)
                : Cost.perKiB(26.1, 59.4, 55.7).perCall(13).perRun(108).spilling(58.6);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(12, 35.7, 85.3).perCall(2490).perRun(65.7);
            case INFERENCE -> Cost.perKiB(9, 17.9, 74).perCall(796).perRun(45.1);
            case BACKWARD -> Cost.perKiB(21.9, 67.7, 130).perCall(707).perRun(117);
            case FROZEN_BACKWARD -> Cost.perKiB(21.8, 59.3, 120).perCall(1544).perRun(92.3);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(94.1, 69.9, 87.8).perCall(2070).perRun(5.8).spilling(8.62);
            case INFERENCE -> Cost.perKiB(49.2, 39.2, 49.8).perRun(59.2).spilling(6.72);
            case BACKWARD -> Cost.perKiB(93.8, 79.4, 100).perCall(3010).spilling(4.57);
            case FROZEN_BACKWARD -> Cost.perKiB(82.4, 61.2, 88.6).perRun(102).perParameter(1.18).spilling(5.04);
        };
    }
}
