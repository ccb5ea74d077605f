package normkit.bench.apply;

import normkit.techniques.LpNorm;
import normkit.techniques.MeanVarianceNorm;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** {@code apply} of norms over some axes. */
final class RowApplications {

    private RowApplications() {
    }

    static Results lp(Run run) {
        LpNorm norm = run.epsilon(LpNorm.of(run.own.p == null ? 2 : run.own.p), LpNorm::epsilon);
        try (LpNorm.Plan plan = Run.with(norm, run.own.axis, LpNorm::axis).plan(run.x.spec())) {
            return run.plain(plan::forward, (dy, dx) -> plan.backward(dy, run.x, dx));
        }
    }

    /** Over the last axis. */
    static Results scale(Run run) {
        TensorSpec spec = run.x.spec();
        ScaleNorm norm = run.epsilon(ScaleNorm.over(spec.axis(spec.rank() - 1)), ScaleNorm::epsilon);
        try (ScaleNorm.Plan plan = norm.plan(spec, run.planOptions())) {
            Tensor g = run.require("--scale", run.scale(plan.parameterSpec()));
            Statistics saved = new Statistics(null, null, run.operands.like(plan.statisticsSpec().as(DataType.F64)));
            Tensor result = run.likeX();
            plan.forward(run.x, g, result, saved);
            if (!run.backward()) {
                return new Results().with("y", result).with(saved);
            }
            Tensor dscale = run.gradient(g);
            plan.backward(run.dy(), run.x, g, saved, result, dscale);
            return new Results().with("dx", result).with("dscale", dscale);
        }
    }

    static Results meanVariance(Run run) {
        MeanVarianceNorm norm =
                run.own.axes == null ? MeanVarianceNorm.perChannel() : MeanVarianceNorm.over(run.own.axes);
        try (MeanVarianceNorm.Plan plan =
                run.epsilon(norm, MeanVarianceNorm::epsilon).plan(run.x.spec(), run.planOptions())) {
            TensorSpec wide = plan.statisticsSpec().as(DataType.F64);
            Statistics saved = Statistics.meanAndRstd(run.operands.like(wide), run.operands.like(wide));
            Tensor result = run.likeX();
            plan.forward(run.x, result, saved);
            if (!run.backward()) {
                return new Results().with("y", result).with(saved);
            }
            plan.backward(run.dy(), run.x, saved, result);
            return new Results().with("dx", result);
        }
    }
}
