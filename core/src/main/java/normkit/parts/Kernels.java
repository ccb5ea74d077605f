package normkit.parts;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import normkit.dispatch.Decision;
import normkit.dispatch.Planner;
import normkit.dispatch.Recording;
import normkit.dispatch.Request;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * The problems a technique hands to backends, each with the backend chosen for it. Tensors only have to have as many elements
 * as a problem's specs, so that a technique can read axes as it needs them. The caller has checked everything else.
 */
public final class Kernels implements AutoCloseable {

    private record Planned(Decision decision, Execution execution) {}

    private final List<Planned> planned = new ArrayList<>();
    private volatile boolean closed;

    /** Makes an empty list of problems. */
    public Kernels() {
    }

    /**
     * Plans a problem, in the constructor of a plan.
     *
     * @param problem what to run; at most one for each pass
     * @param request who may run it
     */
    public void add(Problem problem, Request request) {
        try {
            Decision decision = Planner.here().decide(problem, request);
            planned.add(new Planned(decision, decision.chosen().prepare(problem, request.parallelism())));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Checks that there is a problem of a pass to run.
     *
     * @param pass what is about to be run
     * @return that problem
     * @throws IllegalStateException if the plan is closed or was made without the pass
     */
    public Problem require(Pass pass) {
        return planned(pass).decision().problem();
    }

    private Planned planned(Pass pass) {
        if (closed) {
            throw new IllegalStateException("the plan is closed");
        }
        for (int i = 0; i < planned.size(); i++) {
            if (planned.get(i).decision().problem().pass() == pass) {
                return planned.get(i);
            }
        }
        throw new IllegalStateException("the plan was made without " + pass + "; see PlanOptions");
    }

    /**
     * Runs the forward or inference problem; see {@link Execution#forward}.
     *
     * @param pass which
     * @param x input
     * @param scale γ, or null
     * @param statistics to fill or to use
     * @param y output
     */
    public void forward(Pass pass, Tensor x, Tensor scale, Statistics statistics, Tensor y) {
        Planned p = planned(pass);
        Object event = Recording.execution();
        p.execution().forward(x, scale, null, statistics, y);
        if (event != null) {
            Recording.endExecution(event, p.decision());
        }
    }

    /**
     * Runs the backward problem; see {@link Execution#backward}.
     *
     * @param dy gradient of the output
     * @param x input
     * @param scale γ, or null
     * @param statistics mean and rstd
     * @param dx receives the gradient of x, or null
     * @param dscale receives the gradient of γ, or null
     */
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale) {
        Planned p = planned(Pass.BACKWARD);
        Object event = Recording.execution();
        p.execution().backward(dy, x, scale, statistics, dx, dscale, null);
        if (event != null) {
            Recording.endExecution(event, p.decision());
        }
    }

    /**
     * Returns the decisions, one per problem.
     *
     * @return an immutable list
     */
    public List<Decision> decisions() {
        return planned.stream().map(Planned::decision).toList();
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
            planned.forEach(p -> p.execution().close());
        }
    }
}
