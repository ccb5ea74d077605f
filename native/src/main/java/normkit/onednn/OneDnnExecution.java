package normkit.onednn;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import normkit.spi.Execution;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * A problem compiled by oneDNN. Threads that run at once each take a worker; workers are kept, so that nothing is
 * allocated once there are as many as threads. {@link #close} frees all native memory at once, or, should a run be
 * under way, at the end of it. An execution that is dropped without closing is freed by a cleaner, which says so.
 */
final class OneDnnExecution implements Execution {

    private static final Cleaner CLEANER = Cleaner.create();

    private final Lifetime lifetime = new Lifetime();
    private final Resources resources;
    private final Cleanup cleanup;
    private final Cleaner.Cleanable cleanable;

    OneDnnExecution(Problem problem, int threads) {
        resources = new Resources(problem, threads);
        cleanup = new Cleanup(resources);
        cleanable = CLEANER.register(this, cleanup);
    }

    /** Frees the resources, once: on closing, or when the cleaner finds that nobody can close any more. */
    private static final class Cleanup implements Runnable {

        private static final System.Logger LOGGER = System.getLogger("normkit.onednn");

        private final Resources resources;
        private volatile boolean closed;

        Cleanup(Resources resources) {
            this.resources = resources;
        }

        @Override
        public void run() {
            if (!closed) {
                LOGGER.log(System.Logger.Level.WARNING, () -> "a plan was dropped without close(), its native memory "
                        + "is freed only now: " + resources.problem());
            }
            resources.free();
        }
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        lifetime.enter();
        try {
            Worker worker = resources.take();
            try {
                worker.forward(x, scale, shift, statistics, y);
            } finally {
                resources.giveBack(worker);
            }
        } finally {
            exit();
        }
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        lifetime.enter();
        try {
            Worker worker = resources.take();
            try {
                worker.backward(dy, x, scale, statistics, dx, dscale, dshift);
            } finally {
                resources.giveBack(worker);
            }
        } finally {
            exit();
        }
    }

    private void exit() {
        if (lifetime.exit()) {
            cleanable.clean();
        }
        // The cleaner must not find this execution gone while a run of it is under way.
        Reference.reachabilityFence(this);
    }

    @Override
    public void close() {
        cleanup.closed = true;
        if (lifetime.close()) {
            cleanable.clean();
        }
    }
}
