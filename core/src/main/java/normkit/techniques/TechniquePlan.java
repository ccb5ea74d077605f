package normkit.techniques;

import java.util.Objects;
import java.util.function.Supplier;
import normkit.PlanOptions;
import normkit.dispatch.Decision;
import normkit.dispatch.Planner;
import normkit.engine.Pool;
import normkit.engine.SetPasses;
import normkit.spi.KernelProvider;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.TensorSpec;

/**
 * What all plans of techniques have in common: the backend whose kernels were chosen, and their life. Only backends whose
 * results are the defined ones have such kernels, so that results are the same to the last bit whichever is chosen. A plan is
 * thread-safe: any number of threads may execute it at once. {@link #close} frees what it holds; it must not be called while
 * an execution is under way, may be called twice, and every execution after it throws {@link IllegalStateException}.
 *
 * @param <W> what one run at a time needs: passes and scratch memory
 */
public abstract class TechniquePlan<W> implements AutoCloseable {

    private final TensorSpec x;
    private final PlanOptions options;
    private final Decision decision;
    private volatile Pool<W> pool;

    /** Chooses the backend: the one that would be fastest on the operation whose sets the technique works on. */
    TechniquePlan(Operation kind, TensorSpec x, int normalizedRank, long groups, PlanOptions options) {
        this.x = Objects.requireNonNull(x, "x");
        this.options = Objects.requireNonNull(options, "options");
        Problem problem = new Problem(kind, Pass.FORWARD, x, normalizedRank, groups, true, kind.centred(), 0);
        this.decision = Planner.here().decide(problem, options.request().exact(true));
    }

    /** Makes the first worker; called once, at the end of a subclass's constructor. */
    final void open(Supplier<W> worker) {
        pool = new Pool<>(worker);
    }

    /** Makes passes over x, or over another tensor, seen as the sets of an operation. */
    final SetPasses passes(Operation kind, TensorSpec spec, int normalizedRank, long groups) {
        KernelProvider kernels = decision.chosen().kernels().orElseThrow(() -> new IllegalStateException(
                "backend '" + decision.chosen().name() + "' has no kernels for techniques"));
        return new SetPasses(kind, spec, normalizedRank, groups, kernels, options.parallelism());
    }

    /** Takes a worker for a run. */
    final W take() {
        Pool<W> open = pool;
        if (open == null) {
            throw new IllegalStateException("the plan is closed");
        }
        return open.take();
    }

    /** Gives a worker back after a run that did not fail. */
    final void giveBack(W worker) {
        Pool<W> open = pool;
        if (open != null) {
            open.giveBack(worker);
        }
    }

    /**
     * Returns the spec of x.
     *
     * @return what was planned
     */
    public final TensorSpec spec() {
        return x;
    }

    /**
     * Explains which backend was chosen and why, with each candidate's answer.
     *
     * @return a few lines of plain text
     */
    public final String explain() {
        return decision.explain();
    }

    /** Frees what the plan holds. */
    @Override
    public final void close() {
        pool = null;
    }
}
