package normkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import normkit.dispatch.Decision;
import normkit.dispatch.Planner;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * What all plans have in common: the backends that were chosen, one per pass, and their life. A plan is thread-safe: any
 * number of threads may execute it at once. {@link #close} frees what it holds; it must not be called while an execution is
 * under way, may be called twice, and every execution after it throws {@link IllegalStateException}.
 */
public abstract sealed class Plan implements AutoCloseable permits SetwisePlan, BatchNorm.Plan {

    private final List<Prepared> passes = new ArrayList<>();
    private volatile boolean closed;

    /** A pass with the decision made for it. */
    private record Prepared(Decision decision, Execution execution) {
    }

    Plan() {
    }

    /** Plans one pass, in the constructor of a subclass. */
    final void add(Problem problem, PlanOptions options) {
        try {
            Decision decision = Planner.decide(problem, options.backend());
            passes.add(new Prepared(decision, decision.chosen().prepare(problem)));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The execution of a pass, for a caller that has checked its arguments. */
    final Execution execution(Pass pass) {
        return prepared(pass).execution();
    }

    /** The problem of a pass. */
    final Problem problem(Pass pass) {
        return prepared(pass).decision().problem();
    }

    private Prepared prepared(Pass pass) {
        if (closed) {
            throw new IllegalStateException("the plan is closed");
        }
        for (int i = 0; i < passes.size(); i++) {
            if (passes.get(i).decision().problem().pass() == pass) {
                return passes.get(i);
            }
        }
        throw new IllegalStateException("the plan was made without " + pass + "; see PlanOptions");
    }

    private Problem any() {
        return passes.get(0).decision().problem();
    }

    /**
     * Returns the shape of γ and β.
     *
     * @return spec in x's type
     */
    public final TensorSpec parameterSpec() {
        return any().parameterSpec();
    }

    /**
     * Returns the shape of mean, variance and rstd.
     *
     * @return spec in x's type; f64 is accepted as well
     */
    public final TensorSpec statisticsSpec() {
        return any().statisticsSpec();
    }

    /**
     * Returns the decisions behind this plan, one per pass.
     *
     * @return an immutable list
     */
    public final List<Decision> decisions() {
        return passes.stream().map(Prepared::decision).toList();
    }

    /**
     * Explains for every pass which backend was chosen and why, with each candidate's answer.
     *
     * @return a few lines of plain text
     */
    public final String explain() {
        return decisions().stream().map(Decision::explain).collect(Collectors.joining("\n"));
    }

    /** Frees what the plan holds. */
    @Override
    public final void close() {
        closed = true;
        for (Prepared pass : passes) {
            pass.execution().close();
        }
    }

    /** Checks the arguments of a forward pass and runs it. */
    final void runForward(Pass pass, Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        Prepared prepared = prepared(pass);
        checkForward(prepared.decision().problem(), x, scale, shift, statistics, y);
        prepared.execution().forward(x, scale, shift, statistics, y);
    }

    /** Checks the arguments of a forward pass. */
    static void checkForward(Problem problem, Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        Pass pass = problem.pass();
        TensorSpec parameters = problem.parameterSpec();
        Arguments.require("x", x, problem.x());
        Arguments.parameter("scale", scale, parameters, problem.hasScale());
        Arguments.parameter("shift", shift, parameters, problem.hasShift());
        Arguments.require("y", y, problem.x());
        Arguments.output("y", y);
        Arguments.apartOrSame("y", y, "x", x);
        Arguments.apart("y", y, "scale", scale);
        Arguments.apart("y", y, "shift", shift);
        checkStatistics(problem, statistics);
        statisticApart("mean", statistics.mean(), pass, x, scale, shift, y);
        statisticApart("variance", statistics.variance(), pass, x, scale, shift, y);
        statisticApart("rstd", statistics.rstd(), pass, x, scale, shift, y);
        Arguments.apart("mean", statistics.mean(), "variance", statistics.variance());
        Arguments.apart("mean", statistics.mean(), "rstd", statistics.rstd());
        Arguments.apart("variance", statistics.variance(), "rstd", statistics.rstd());
    }

    private static void statisticApart(String name, Tensor statistic, Pass pass, Tensor x, Tensor scale, Tensor shift,
            Tensor y) {
        if (statistic == null) {
            return;
        }
        Arguments.apart("y", y, name, statistic);
        if (pass == Pass.FORWARD) {
            Arguments.output(name, statistic);
            Arguments.apart(name, statistic, "x", x);
            Arguments.apart(name, statistic, "scale", scale);
            Arguments.apart(name, statistic, "shift", shift);
        }
    }

    private static void checkStatistics(Problem problem, Statistics statistics) {
        if (statistics == null) {
            throw new NullPointerException("statistics is null; it must be Statistics, perhaps Statistics.NONE");
        }
        TensorSpec spec = problem.statisticsSpec();
        Arguments.statistic("mean", statistics.mean(), spec);
        Arguments.statistic("variance", statistics.variance(), spec);
        Arguments.statistic("rstd", statistics.rstd(), spec);
        if (problem.pass() == Pass.FORWARD) {
            return;
        }
        if (problem.operation().centred() && statistics.mean() == null) {
            throw new NullPointerException("mean is null; it must be a tensor of " + spec);
        }
        if (statistics.rstd() == null && statistics.variance() == null) {
            throw new NullPointerException("rstd and variance are null; one must be a tensor of " + spec);
        }
    }

    /** Checks the arguments of a backward pass and runs it. */
    final void runBackward(Pass pass, Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        Prepared prepared = prepared(pass);
        Problem problem = prepared.decision().problem();
        TensorSpec parameters = problem.parameterSpec();
        Arguments.require("dy", dy, problem.x());
        Arguments.require("x", x, problem.x());
        Arguments.parameter("scale", scale, parameters, problem.hasScale());
        checkStatistics(problem, statistics);
        Arguments.optional("dx", dx, problem.x());
        Arguments.optional("dscale", dscale, parameters);
        Arguments.optional("dshift", dshift, parameters);
        Arguments.apartOrSame("dx", dx, "dy", dy);
        Arguments.apartOrSame("dx", dx, "x", x);
        gradientApart("dx", dx, null, null, scale, statistics);
        gradientApart("dscale", dscale, dy, x, scale, statistics);
        gradientApart("dshift", dshift, dy, x, scale, statistics);
        Arguments.apart("dscale", dscale, "dx", dx);
        Arguments.apart("dshift", dshift, "dx", dx);
        Arguments.apart("dshift", dshift, "dscale", dscale);
        prepared.execution().backward(dy, x, scale, statistics, dx, dscale, dshift);
    }

    private static void gradientApart(String name, Tensor gradient, Tensor dy, Tensor x, Tensor scale,
            Statistics statistics) {
        Arguments.output(name, gradient);
        Arguments.apart(name, gradient, "dy", dy);
        Arguments.apart(name, gradient, "x", x);
        Arguments.apart(name, gradient, "scale", scale);
        Arguments.apart(name, gradient, "mean", statistics.mean());
        Arguments.apart(name, gradient, "variance", statistics.variance());
        Arguments.apart(name, gradient, "rstd", statistics.rstd());
    }
}
