package normkit.dispatch;

import normkit.spi.Cost;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.tensor.Layout;

/**
 * Predicts the time of an execution: overheads per call, run and parameter, and the bytes that move, each at the price of
 * the cache level that holds it. On one thread it is linear in the numbers of a {@link Cost}, so that these can be fitted to
 * measurements by least squares.
 */
public final class CostModel {

    private static final double KIB = 1024;
    private static final int FORWARD_TENSORS = 2;
    private static final int BACKWARD_TENSORS = 3;

    private final Caches caches;

    CostModel(Caches caches) {
        this.caches = caches;
    }

    /**
     * Returns the model of this machine.
     *
     * @return a model with the sizes of this machine's caches, where they are known
     */
    public static CostModel here() {
        return new CostModel(Caches.here());
    }

    /**
     * Returns how much of each a problem has, for one thread.
     *
     * @param problem the problem
     * @return what the first numbers of a {@link Cost} are multiplied by, in their order: calls, runs, parameters, KiB in the
     *         second level cache, in the third, beyond, and KiB of large sets
     */
    public double[] amounts(Problem problem) {
        return amounts(problem, 1);
    }

    /** A working set beyond a cache is taken to be held by it in part, which leaves no jump at its size. */
    private double[] amounts(Problem problem, int threads) {
        long bytes = traffic(problem);
        long second = Math.min(bytes, caches.second() * threads);
        long third = Math.min(bytes, Math.max(caches.third(), second)) - second;
        long beyond = bytes - second - third;
        boolean large = problem.setSize() * problem.type().bytes() > caches.second();
        long parameters = problem.pass().backward() ? problem.parameterSpec().elements() : 0;
        return new double[] {1, runs(problem), parameters, second / KIB, third / KIB, beyond / KIB,
            large ? bytes / KIB : 0};
    }

    /** Predicted nanoseconds; NaN if the cost is unknown. */
    double nanoseconds(Problem problem, Cost cost, Request request) {
        if (!cost.known()) {
            return Double.NaN;
        }
        double[] amounts = amounts(problem, request.threads());
        double work = cost.run() * amounts[1] + cost.parameter() * amounts[2] + cost.cached() * amounts[3]
                + cost.shared() * amounts[4] + cost.memory() * amounts[5] + cost.spill() * amounts[6]
                + (caches.mesh() ? cost.mesh() * (amounts[4] + amounts[5]) : 0);
        return cost.call() + divided(work, cost, request.threads())
                + (request.carrier() == Carrier.HEAP ? staging(problem, cost) : 0);
    }

    /** The calling thread has done what is little before another one arrives. */
    private static double divided(double work, Cost cost, int threads) {
        double divided = work * (1 - cost.parallel() + cost.parallel() / threads);
        return threads == 1 ? work : Math.min(work, cost.team() + divided);
    }

    /** What copies of tensors on the heap take on top. */
    double staging(Problem problem, Cost cost) {
        return cost.staging() * traffic(problem) / KIB;
    }

    /** Bytes that go to or from the tensors of x's size, each counted once. */
    private static long traffic(Problem problem) {
        return problem.x().byteSize() * (problem.pass().backward() ? BACKWARD_TENSORS : FORWARD_TENSORS);
    }

    /** Rows, planes of a channel, or columns. */
    private static long runs(Problem problem) {
        if (problem.x().layout() == Layout.ROWS) {
            return problem.statisticsSpec().elements();
        }
        boolean columnsOfAll = problem.operation() == Operation.BATCH_NORM && !problem.hasPlanes();
        return columnsOfAll ? problem.x().channels() : problem.x().batch() * problem.x().channels();
    }
}
