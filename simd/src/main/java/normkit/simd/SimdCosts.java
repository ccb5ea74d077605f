package normkit.simd;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class SimdCosts {

    /** Of twice the threads, memory has not twice the bandwidth, and some sums are added by one. */
    private static final double DIVIDED = 0.9;

    private SimdCosts() {
    }

    static Cost of(Problem problem) {
        return onOneThread(problem).dividing(DIVIDED);
    }

    private static Cost onOneThread(Problem problem) {
        if (problem.x().layout() == Layout.ROWS) {
            return rows(problem.pass());
        }
        boolean planes = problem.x().layout() == Layout.CHANNELS_FIRST && problem.x().spatial() > 1;
        return planes ? planes(problem.pass()) : columns(problem.pass());
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(18.1, 34, 102).perRun(115).perParameter(0.98).spilling(244)
                : Cost.perKiB(17.7, 44.5, 72.4).perCall(24).perRun(67.6).spilling(22.5);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(10, 22.8, 84).perCall(1500).perRun(36);
            case INFERENCE -> Cost.perKiB(6, 11.5, 42.4).perCall(650).perRun(19.5);
            case BACKWARD -> Cost.perKiB(6, 24, 84).perCall(1000).perRun(75);
            case FROZEN_BACKWARD -> Cost.perKiB(6, 18, 69).perCall(300).perRun(65);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(40, 40, 57).perCall(1800).perRun(12);
            case INFERENCE -> Cost.perKiB(23.4, 23.4, 34.6).perCall(540);
            case BACKWARD -> Cost.perKiB(40, 40, 57).perCall(1300).perRun(3);
            case FROZEN_BACKWARD -> Cost.perKiB(34.8, 34.8, 48.2).perCall(1210).perRun(1);
        };
    }
}
