package normkit.scalar;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/** What the kernels take, by geometry and pass. {@code normkit regret --costs} measures and fits these numbers. */
final class ScalarCosts {

    /** Of twice the threads, memory has not twice the bandwidth, and some sums are added by one. */
    private static final double DIVIDED = 0.9;

    private ScalarCosts() {
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
                ? Cost.perKiB(24, 85.5, 87).perRun(437).perParameter(1.44).spilling(238)
                : Cost.perKiB(27.9, 52.4, 52.4).perCall(5).perRun(114).spilling(61.7);
    }

    private static Cost planes(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(15, 36, 92).perCall(1700).perRun(55);
            case INFERENCE -> Cost.perKiB(6, 19, 71).perCall(900).perRun(43);
            case BACKWARD -> Cost.perKiB(25, 60, 135).perCall(2000).perRun(150);
            case FROZEN_BACKWARD -> Cost.perKiB(17, 57, 119).perCall(2000).perRun(104);
        };
    }

    private static Cost columns(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(70, 70, 82).perCall(2500).perRun(5);
            case INFERENCE -> Cost.perKiB(43.8, 43.8, 46).perCall(530).perRun(0.6);
            case BACKWARD -> Cost.perKiB(77, 77, 95).perCall(3000).perRun(2);
            case FROZEN_BACKWARD -> Cost.perKiB(67, 67, 78).perCall(1330).perRun(1);
        };
    }
}
