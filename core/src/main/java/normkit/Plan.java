package normkit;

import java.util.List;
import java.util.Objects;
import normkit.dispatch.Decision;
import normkit.dispatch.PlannedPass;
import normkit.dispatch.PlannedPasses;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * What all plans have in common: the backends that were chosen, one per pass, and their life. A plan is thread-safe: any
 * number of threads may execute it at once. {@link #close} frees what it holds; it must not be called while an execution is
 * under way, may be called twice, and every execution after it throws {@link IllegalStateException}.
 */
public abstract sealed class Plan implements AutoCloseable permits SetwisePlan, BatchNorm.Plan {

    private final PlannedPasses passes = new PlannedPasses();

    Plan(TensorSpec x, PlanOptions options) {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(options, "options");
    }

    /** Plans one pass, in the constructor of a subclass. */
    final void add(Problem problem, PlanOptions options) {
        passes.add(problem, options.request());
    }

    /** A pass that is about to be executed. */
    final PlannedPass planned(Pass pass) {
        return passes.get(pass);
    }

    /**
     * Returns the shape of γ and β.
     *
     * @return spec in x's type
     */
    public final TensorSpec parameterSpec() {
        return passes.any().parameters();
    }

    /**
     * Returns the shape of mean, variance and rstd.
     *
     * @return spec in x's type; f64 is accepted as well
     */
    public final TensorSpec statisticsSpec() {
        return passes.any().statistics();
    }

    /**
     * Returns the decisions behind this plan, one per pass.
     *
     * @return an immutable list
     */
    public final List<Decision> decisions() {
        return passes.decisions();
    }

    /**
     * Explains for every pass which backend was chosen and why, with each candidate's answer. Backends that were not needed
     * for the decision are asked only now, which may load their native libraries.
     *
     * @return a few lines of plain text
     */
    public final String explain() {
        return passes.explain();
    }

    /** Frees what the plan holds. */
    @Override
    public final void close() {
        passes.close();
    }

    /** Checks the arguments of a forward pass and runs it. */
    final void runForward(Pass pass, Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        runForward(pass, x, null, null, scale, shift, statistics, y);
    }

    /** The same with a residual. */
    final void runForward(Pass pass, Tensor x, Tensor residual, Tensor sum, Tensor scale, Tensor shift,
            Statistics statistics, Tensor y) {
        PlannedPass planned = planned(pass);
        checkForward(planned, x, scale, shift, statistics, y);
        checkResidual(planned.problem(), x, residual, sum, scale, shift, statistics, y);
        planned.forward(x, residual, sum, scale, shift, statistics, y);
    }

    private static void checkResidual(Problem problem, Tensor x, Tensor residual, Tensor sum, Tensor scale,
            Tensor shift, Statistics statistics, Tensor y) {
        boolean present = problem.fusion().residual();
        Arguments.parameter("residual", residual, problem.x(), present);
        Arguments.parameter("sum", sum, problem.x(), present);
        Arguments.output("sum", sum);
        Arguments.apartOrSame("sum", sum, "x", x);
        Arguments.apartOrSame("sum", sum, "residual", residual);
        Arguments.apart("sum", sum, "scale", scale);
        Arguments.apart("sum", sum, "shift", shift);
        Arguments.apart("y", y, "sum", sum);
        Arguments.apartOrSame("y", y, "residual", residual);
        statisticApart("mean", statistics.mean(), residual, sum);
        statisticApart("variance", statistics.variance(), residual, sum);
        statisticApart("rstd", statistics.rstd(), residual, sum);
    }

    private static void statisticApart(String name, Tensor statistic, Tensor residual, Tensor sum) {
        Arguments.apart(name, statistic, "residual", residual);
        Arguments.apart(name, statistic, "sum", sum);
    }

    /** Checks the arguments of a forward pass. */
    static void checkForward(PlannedPass planned, Tensor x, Tensor scale, Tensor shift, Statistics statistics,
            Tensor y) {
        Problem problem = planned.problem();
        Arguments.require("x", x, problem.x());
        Arguments.parameter("scale", scale, planned.parameters(), problem.hasScale());
        Arguments.parameter("shift", shift, planned.parameters(), problem.hasShift());
        Arguments.require("y", y, problem.x());
        Arguments.output("y", y);
        Arguments.apartOrSame("y", y, "x", x);
        Arguments.apart("y", y, "scale", scale);
        Arguments.apart("y", y, "shift", shift);
        checkStatistics(planned, statistics);
        statisticApart("mean", statistics.mean(), problem.pass(), x, scale, shift, y);
        statisticApart("variance", statistics.variance(), problem.pass(), x, scale, shift, y);
        statisticApart("rstd", statistics.rstd(), problem.pass(), x, scale, shift, y);
        if (problem.pass() == Pass.FORWARD) {
            Arguments.apart("mean", statistics.mean(), "variance", statistics.variance());
            Arguments.apart("mean", statistics.mean(), "rstd", statistics.rstd());
            Arguments.apart("variance", statistics.variance(), "rstd", statistics.rstd());
        }
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

    private static void checkStatistics(PlannedPass planned, Statistics statistics) {
        if (statistics == null) {
            throw new NullPointerException("statistics is null; it must be Statistics, perhaps Statistics.NONE");
        }
        checkStatistic("mean", statistics.mean(), planned);
        checkStatistic("variance", statistics.variance(), planned);
        checkStatistic("rstd", statistics.rstd(), planned);
        if (planned.problem().pass() == Pass.FORWARD) {
            return;
        }
        if (planned.problem().operation().centred() && statistics.mean() == null) {
            throw new NullPointerException("mean is null; it must be a tensor of " + planned.statistics());
        }
        if (statistics.rstd() == null && statistics.variance() == null) {
            throw new NullPointerException(
                    "rstd and variance are null; one must be a tensor of " + planned.statistics());
        }
    }

    /** Checks a statistic, which may also be f64, or null. */
    static void checkStatistic(String name, Tensor tensor, PlannedPass planned) {
        boolean wide = tensor != null && tensor.spec().type() == DataType.F64;
        Arguments.optional(name, tensor, wide ? planned.wideStatistics() : planned.statistics());
    }

    /** Checks the arguments of a backward pass and runs it. */
    final void runBackward(Pass pass, Tensor dy, Tensor dsum, Tensor x, Tensor scale, Tensor shift,
            Statistics statistics, Tensor dx, Tensor dscale, Tensor dshift) {
        PlannedPass planned = planned(pass);
        Problem problem = planned.problem();
        Arguments.require("dy", dy, problem.x());
        Arguments.require("x", x, problem.x());
        Arguments.parameter("scale", scale, planned.parameters(), problem.hasScale());
        checkShift(planned, shift);
        Arguments.gradient("dsum", dsum, problem.x(), problem.fusion().residual());
        checkStatistics(planned, statistics);
        Arguments.optional("dx", dx, problem.x());
        Arguments.gradient("dscale", dscale, planned.parameters(), problem.hasScale());
        Arguments.gradient("dshift", dshift, planned.parameters(), problem.hasShift());
        Arguments.apartOrSame("dx", dx, "dy", dy);
        Arguments.apartOrSame("dx", dx, "x", x);
        gradientApart("dx", dx, null, null, scale, statistics);
        gradientApart("dscale", dscale, dy, x, scale, statistics);
        gradientApart("dshift", dshift, dy, x, scale, statistics);
        shiftApart("dx", dx, shift, dsum);
        shiftApart("dscale", dscale, shift, dsum);
        shiftApart("dshift", dshift, shift, dsum);
        Arguments.apart("dscale", dscale, "dx", dx);
        Arguments.apart("dshift", dshift, "dx", dx);
        Arguments.apart("dshift", dshift, "dscale", dscale);
        planned.backward(dy, dsum, x, scale, shift, statistics, dx, dscale, dshift);
    }

    private static void checkShift(PlannedPass planned, Tensor shift) {
        Problem problem = planned.problem();
        if (shift == null && problem.gradientNeedsShift()) {
            throw new NullPointerException("shift is null; the gradient through " + problem.fusion().after()
                    + " depends on it: it must be a tensor of " + planned.parameters());
        }
        if (shift != null) {
            Arguments.parameter("shift", shift, planned.parameters(), problem.hasShift());
        }
    }

    private static void shiftApart(String name, Tensor gradient, Tensor shift, Tensor dsum) {
        Arguments.apart(name, gradient, "shift", shift);
        Arguments.apart(name, gradient, "dsum", dsum);
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
