package normkit.dispatch;

import normkit.spi.Execution;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * A problem with the backend chosen for it, prepared. What runs it has checked the arguments. Each run is an event if a flight
 * recorder wants it. Thread-safe.
 *
 * @param decision what was decided
 * @param execution what runs it
 * @param parameters spec of γ and β; specs are kept because making one allocates
 * @param statistics spec of mean, variance and rstd in x's type
 * @param wideStatistics the same in f64
 */
public record PlannedPass(Decision decision, Execution execution, TensorSpec parameters, TensorSpec statistics,
        TensorSpec wideStatistics) {

    /** Prepares what was decided. */
    static PlannedPass of(Decision decision, Parallelism parallelism) {
        Problem problem = decision.problem();
        TensorSpec statistics = problem.statisticsSpec();
        return new PlannedPass(decision, decision.chosen().prepare(problem, parallelism), problem.parameterSpec(),
                statistics, statistics.as(DataType.F64));
    }

    /**
     * Returns what is run.
     *
     * @return the problem
     */
    public Problem problem() {
        return decision.problem();
    }

    /**
     * Runs a forward or inference problem without a fusion; see {@link Execution#forward}.
     *
     * @param x input
     * @param scale γ, or null
     * @param shift β, or null
     * @param statistics to fill or to use
     * @param y output
     */
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        forward(x, null, null, scale, shift, statistics, y);
    }

    /**
     * Runs a forward or inference problem; see {@link Execution#forward}.
     *
     * @param x input
     * @param residual what is added to x, or null
     * @param sum receives x + residual, or null
     * @param scale γ, or null
     * @param shift β, or null
     * @param statistics to fill or to use
     * @param y output
     */
    public void forward(Tensor x, Tensor residual, Tensor sum, Tensor scale, Tensor shift, Statistics statistics,
            Tensor y) {
        Object event = Recording.execution();
        execution.forward(x, residual, sum, scale, shift, statistics, y);
        if (event != null) {
            Recording.endExecution(event, decision);
        }
    }

    /**
     * Runs a backward problem without a fusion; see {@link Execution#backward}.
     *
     * @param dy gradient of the output
     * @param x input
     * @param scale γ, or null
     * @param statistics mean and rstd
     * @param dx receives the gradient of x, or null
     * @param dscale receives the gradient of γ, or null
     * @param dshift receives the gradient of β, or null
     */
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        backward(dy, null, x, scale, null, statistics, dx, dscale, dshift);
    }

    /**
     * Runs a backward problem; see {@link Execution#backward}.
     *
     * @param dy gradient of the output
     * @param dsum gradient of the sum with a residual, or null
     * @param x input
     * @param scale γ, or null
     * @param shift β, or null
     * @param statistics mean and rstd
     * @param dx receives the gradient of x, or null
     * @param dscale receives the gradient of γ, or null
     * @param dshift receives the gradient of β, or null
     */
    public void backward(Tensor dy, Tensor dsum, Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor dx,
            Tensor dscale, Tensor dshift) {
        Object event = Recording.execution();
        execution.backward(dy, dsum, x, scale, shift, statistics, dx, dscale, dshift);
        if (event != null) {
            Recording.endExecution(event, decision);
        }
    }
}
