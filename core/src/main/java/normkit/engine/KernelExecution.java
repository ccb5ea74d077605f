package normkit.engine;

import normkit.moments.Normalization;
import normkit.spi.Cost;
import normkit.spi.Execution;
import normkit.spi.KernelProvider;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Any problem, run by the kernels of a backend. Threads that run at once each take a worker with scratch memory of its
 * own; workers are kept for the next run, so that nothing is allocated once there are as many as threads.
 */
public final class KernelExecution implements Execution {

    /** Of twice the threads, memory has not twice the bandwidth, and some sums are added by one. */
    private static final double DIVIDED = 0.9;

    /**
     * An executor's thread that is parked begins 8 to 28 µs after it has been handed work, on a virtual machine of two Intel
     * cores, and handing out takes 2. Two threads lose half of both.
     */
    private static final double TEAM = 7000;

    private final Problem problem;
    private final KernelProvider kernels;
    private final Team team;
    /** Null for an empty tensor, on which there is nothing to run. */
    private final Pool<Worker> workers;

    /**
     * Makes an execution.
     *
     * @param problem what to run
     * @param kernels what runs it
     * @param parallelism who shares a run
     */
    public KernelExecution(Problem problem, KernelProvider kernels, Parallelism parallelism) {
        this.problem = problem;
        this.kernels = kernels;
        this.team = parallelism.degree() == 1 ? Team.ALONE : new Team(parallelism);
        this.workers = problem.x().elements() == 0 ? null : new Pool<>(this::newWorker);
    }

    /**
     * Tells whether a problem can be run over kernels: every one can, except that only batch norm is given its statistics.
     *
     * @param problem what to run
     * @param implementation name of what would run it
     * @param alone what the kernels take on one thread
     * @return the answer of a backend that has kernels for every element type
     */
    public static Support supports(Problem problem, String implementation, Cost alone) {
        boolean given = problem.pass() == Pass.INFERENCE || problem.pass() == Pass.FROZEN_BACKWARD;
        return given && problem.operation() != Operation.BATCH_NORM
                ? new Support.Declined("statistics are given to batch norm only")
                : new Support.Supported(implementation, alone.dividing(DIVIDED).perTeam(TEAM));
    }

    private Worker newWorker() {
        Form form = Form.of(problem);
        boolean gradients = problem.pass().backward() && (problem.hasScale() || problem.hasShift());
        int parameters = gradients ? Math.toIntExact(problem.parameterSpec().elements()) : 0;
        return Worker.of(problem, form, parameters, kernels, team);
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        forward(x, null, null, scale, shift, statistics, y);
    }

    @Override
    public void forward(Tensor x, Tensor residual, Tensor sum, Tensor scale, Tensor shift, Statistics statistics,
            Tensor y) {
        if (problem.x().elements() == 0) {
            if (problem.pass() == Pass.FORWARD) {
                fill(statistics.mean(), 0);
                fill(statistics.variance(), 0);
                fill(statistics.rstd(), Normalization.rstd(0, problem.epsilon()));
            }
            return;
        }
        team.requireAccess("x", x);
        team.requireAccess("residual", residual);
        team.requireAccess("sum", sum);
        team.requireAccess("scale", scale);
        team.requireAccess("shift", shift);
        requireAccess(statistics);
        team.requireAccess("y", y);
        Worker worker = workers.take();
        worker.extras.residual = residual;
        worker.extras.sum = sum;
        worker.forward(x, scale, shift, statistics, y);
        // Not where the run failed: half filled scratch memory must not get into another run.
        workers.giveBack(worker);
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        backward(dy, null, x, scale, null, statistics, dx, dscale, dshift);
    }

    @Override
    public void backward(Tensor dy, Tensor sumGradient, Tensor x, Tensor scale, Tensor shift, Statistics statistics,
            Tensor dx, Tensor dscale, Tensor dshift) {
        if (problem.x().elements() == 0) {
            fill(dscale, 0);
            fill(dshift, 0);
            return;
        }
        team.requireAccess("dy", dy);
        team.requireAccess("dsum", sumGradient);
        team.requireAccess("shift", shift);
        team.requireAccess("x", x);
        team.requireAccess("scale", scale);
        requireAccess(statistics);
        team.requireAccess("dx", dx);
        Worker worker = workers.take();
        worker.extras.sumGradient = sumGradient;
        worker.extras.shift = shift;
        worker.backward(dy, x, scale, statistics, dx, dscale, dshift);
        workers.giveBack(worker);
    }

    private void requireAccess(Statistics statistics) {
        team.requireAccess("mean", statistics.mean());
        team.requireAccess("variance", statistics.variance());
        team.requireAccess("rstd", statistics.rstd());
    }

    private static void fill(Tensor tensor, double value) {
        if (tensor != null) {
            for (long i = 0; i < tensor.spec().elements(); i++) {
                tensor.set(i, value);
            }
        }
    }

    /** Does nothing: workers hold only Java memory. */
    @Override
    public void close() {
        // Workers hold nothing but Java memory.
    }
}
