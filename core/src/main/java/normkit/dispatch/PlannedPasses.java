package normkit.dispatch;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import normkit.spi.Pass;
import normkit.spi.Problem;

/**
 * The problems a plan hands to backends, one per pass, and their life. Filled in the constructor of that plan; thread-safe
 * afterwards.
 */
public final class PlannedPasses implements AutoCloseable {

    private final Map<Pass, PlannedPass> passes = new EnumMap<>(Pass.class);
    private volatile boolean closed;

    /** Makes a table without a pass. */
    public PlannedPasses() {
    }

    /**
     * Plans a problem. If that fails, what has been planned before is closed.
     *
     * @param problem what to run; at most one for each pass
     * @param request who may run it
     */
    public void add(Problem problem, Request request) {
        try {
            Decision decision = Planner.here().decide(problem, request);
            passes.put(problem.pass(), PlannedPass.of(decision, request.parallelism()));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Returns what is about to be run.
     *
     * @param pass which
     * @return its problem, with the backend
     * @throws IllegalStateException if the plan is closed or was made without the pass
     */
    public PlannedPass get(Pass pass) {
        if (closed) {
            throw new IllegalStateException("the plan is closed");
        }
        PlannedPass planned = passes.get(pass);
        if (planned == null) {
            throw new IllegalStateException("the plan was made without " + pass + "; see PlanOptions");
        }
        return planned;
    }

    /**
     * Returns one of them, whichever: for what they have in common.
     *
     * @return a problem, with the backend
     */
    public PlannedPass any() {
        return passes.values().iterator().next();
    }

    /**
     * Returns the decisions, one per problem.
     *
     * @return an immutable list
     */
    public List<Decision> decisions() {
        return passes.values().stream().map(PlannedPass::decision).toList();
    }

    /**
     * Explains the decisions.
     *
     * @return a few lines of plain text
     */
    public String explain() {
        return decisions().stream().map(Decision::explain).collect(Collectors.joining("\n"));
    }

    /** Frees what the executions hold. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            passes.values().forEach(pass -> pass.execution().close());
        }
    }
}
