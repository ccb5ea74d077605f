package normkit.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import normkit.moments.Normalization;
import normkit.spi.Execution;
import normkit.spi.KernelProvider;
import normkit.spi.Operation;
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

    private final Problem problem;
    private final KernelProvider kernels;
    private final AtomicReferenceArray<Worker> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());

    /**
     * Makes an execution.
     *
     * @param problem what to run
     * @param kernels what runs it
     */
    public KernelExecution(Problem problem, KernelProvider kernels) {
        this.problem = problem;
        this.kernels = kernels;
        if (problem.x().elements() > 0) {
            giveBack(newWorker());
        }
    }

    /**
     * Tells whether a problem can be run over kernels: every one can, except that only batch norm is given its statistics.
     *
     * @param problem what to run
     * @param implementation name of what would run it
     * @return the answer of a backend that has kernels for every element type
     */
    public static Support supports(Problem problem, String implementation) {
        boolean given = problem.pass() == Pass.INFERENCE || problem.pass() == Pass.FROZEN_BACKWARD;
        return given && problem.operation() != Operation.BATCH_NORM
                ? new Support.Declined("statistics are given to batch norm only")
                : new Support.Supported(implementation);
    }

    private Worker newWorker() {
        return switch (Form.of(problem)) {
            case Form.OfRuns runs -> new RunWorker(problem, runs, kernels.runs(problem.type()));
            case Form.OfColumns columns -> new ColumnWorker(problem, columns, kernels.columns(problem.type()));
        };
    }

    private Worker take() {
        for (int i = 0; i < idle.length(); i++) {
            Worker worker = idle.get(i);
            if (worker != null && idle.compareAndSet(i, worker, null)) {
                return worker;
            }
        }
        return newWorker();
    }

    private void giveBack(Worker worker) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, worker)) {
                return;
            }
        }
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        if (problem.x().elements() == 0) {
            if (problem.pass() == Pass.FORWARD) {
                fill(statistics.mean(), 0);
                fill(statistics.variance(), 0);
                fill(statistics.rstd(), Normalization.rstd(0, problem.epsilon()));
            }
            return;
        }
        Worker worker = take();
        worker.forward(x, scale, shift, statistics, y);
        // Not where the run failed: half filled scratch memory must not get into another run.
        giveBack(worker);
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        if (problem.x().elements() == 0) {
            fill(dscale, 0);
            fill(dshift, 0);
            return;
        }
        Worker worker = take();
        worker.backward(dy, x, scale, statistics, dx, dscale, dshift);
        giveBack(worker);
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
