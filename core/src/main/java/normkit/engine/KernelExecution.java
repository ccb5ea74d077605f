package normkit.engine;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import normkit.moments.Normalization;
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

    /** Never started: a thread that owns nothing. */
    private static final Thread ANOTHER_THREAD = new Thread();

    private final Problem problem;
    private final KernelProvider kernels;
    private final Team team;
    private final AtomicReferenceArray<Worker> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());

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
        Form form = Form.of(problem);
        boolean gradients = problem.pass().backward() && (problem.hasScale() || problem.hasShift());
        int parameters = gradients ? Math.toIntExact(problem.parameterSpec().elements()) : 0;
        boolean within = form.within(team.size());
        Team among = within ? Team.ALONE : team;
        Member[] members = new Member[among.size()];
        Arrays.setAll(members, i -> newMember(form, within ? team : Team.ALONE));
        return new Worker(among, members, form, parameters);
    }

    private Member newMember(Form form, Team within) {
        return switch (form) {
            case Form.OfRuns runs -> new RunMember(problem, runs,
                    within == Team.ALONE
                            ? kernels.runs(problem.type())
                            : new TeamRunKernels(kernels, problem.type(), within));
            case Form.OfColumns columns -> new ColumnMember(problem, columns,
                    new ColumnPasses(columns.columns(), kernels, problem.type(), within));
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
        requireShared("x", x);
        requireShared("scale", scale);
        requireShared("shift", shift);
        requireShared(statistics);
        requireShared("y", y);
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
        requireShared("dy", dy);
        requireShared("x", x);
        requireShared("scale", scale);
        requireShared(statistics);
        requireShared("dx", dx);
        Worker worker = take();
        worker.backward(dy, x, scale, statistics, dx, dscale, dshift);
        giveBack(worker);
    }

    private void requireShared(Statistics statistics) {
        requireShared("mean", statistics.mean());
        requireShared("variance", statistics.variance());
        requireShared("rstd", statistics.rstd());
    }

    /** Memory of an arena that is confined to the calling thread is of no use to the others. */
    private void requireShared(String name, Tensor tensor) {
        if (team.size() > 1 && tensor != null && tensor.segment() != null
                && !tensor.segment().isAccessibleBy(ANOTHER_THREAD)) {
            throw new IllegalStateException(name + " is " + tensor + ", which belongs to one thread; it must be of an "
                    + "arena that is not confined, because " + team.size() + " threads share the execution");
        }
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
