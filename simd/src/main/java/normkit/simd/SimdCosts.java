package normkit.simd;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class SimdCosts {

    private SimdCosts() {
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
                ? Cost.perKiB(18.6, 34.3, 104).perRun(113).perParameter(0.94).spilling(263)
                : Cost.perKiB(17.9, 55.1, 68.8).perCall(17).perRun(73.9).spilling(21);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(6.07, 23.5, 81.4).perCall(2000).perRun(38);
            case INFERENCE -> Cost.perKiB(6, 12.6, 42.5).perCall(679).perRun(20.1);
            case BACKWARD -> Cost.perKiB(14, 27, 82.9).perCall(2000).perRun(71.6);
            case FROZEN_BACKWARD -> Cost.perKiB(10, 19.6, 82.6).perCall(500).perRun(62.1);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(46.6, 38.8, 56.5).perCall(1269).perRun(22.6);
            case INFERENCE -> Cost.perKiB(26.3, 17.7, 35.4).perCall(523).perRun(6.9).spilling(1.25);
            case BACKWARD -> Cost.perKiB(43.6, 37.4, 57.8).perCall(1220).perRun(32);
            case FROZEN_BACKWARD -> Cost.perKiB(36.3, 28.4, 47.9).perRun(157).perParameter(1.73);
        };
    }
}
