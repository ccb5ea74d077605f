package normkit.bench.cli;

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

    static Results lp(TechniqueRun run) {
        TechniqueOptions options = run.options();
        LpNorm norm = LpNorm.of(options.p == null ? 2 : options.p).axis(options.axis == null ? -1 : options.axis)
                .epsilon(run.epsilon(1e-12));
        try (LpNorm.Plan plan = norm.plan(run.x().spec())) {
            Tensor result = run.likeX();
            if (run.backward()) {
                plan.backward(run.dy(), run.x(), result);
                return new Results().with("dx", result);
            }
            plan.forward(run.x(), result);
            return new Results().with("y", result);
        }
    }

    /** Over the last axis. */
    static Results scale(TechniqueRun run) {
        TensorSpec spec = run.x().spec();
        ScaleNorm norm = ScaleNorm.over(spec.axis(spec.rank() - 1)).epsilon(run.epsilon(1e-10));
        try (ScaleNorm.Plan plan = norm.plan(spec, run.planOptions())) {
            Tensor g = run.scale(plan.parameterSpec());
            Statistics saved = new Statistics(null, null, run.like(plan.statisticsSpec().as(DataType.F64)));
            Tensor y = run.likeX();
            plan.forward(run.x(), g, y, saved);
            if (!run.backward()) {
                return new Results().with("y", y).with("rstd", saved.rstd());
            }
            Tensor dscale = run.like(plan.parameterSpec());
            plan.backward(run.dy(), run.x(), g, saved, y, dscale);
            return new Results().with("dx", y).with("dscale", dscale);
        }
    }

    static Results meanVariance(TechniqueRun run) {
        MeanVarianceNorm norm =
                run.options().axes == null ? MeanVarianceNorm.perChannel() : MeanVarianceNorm.over(run.options().axes);
        try (MeanVarianceNorm.Plan plan = norm.epsilon(run.epsilon(1e-9)).plan(run.x().spec(), run.planOptions())) {
            TensorSpec wide = plan.statisticsSpec().as(DataType.F64);
            Statistics saved = Statistics.meanAndRstd(run.like(wide), run.like(wide));
            Tensor y = run.likeX();
            plan.forward(run.x(), y, saved);
            if (!run.backward()) {
                return new Results().with("y", y).with("mean", saved.mean()).with("rstd", saved.rstd());
            }
            plan.backward(run.dy(), run.x(), saved, y);
            return new Results().with("dx", y);
        }
    }
}
