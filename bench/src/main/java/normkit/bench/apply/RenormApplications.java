package normkit.bench.apply;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.options.Mode;
import normkit.techniques.BatchRenorm;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.tensor.Tensor;

/** {@code apply} of relatives of batch norm. */
final class RenormApplications {

    private RenormApplications() {
    }

    static Results batchRenorm(Run run) {
        Tensor scale = run.channelScale();
        Tensor shift = run.channelShift();
        RunningStatistics running = run.updated(run.channels());
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; batch_renorm must have them");
        }
        BatchRenorm norm = run.epsilon(BatchRenorm.create(), BatchRenorm::epsilon);
        norm = Run.with(norm, run.batch.momentum(), BatchRenorm::momentum);
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor result = run.likeX();
        try (BatchRenorm.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            if (run.problem.mode() == Mode.INFER) {
                plan.infer(run.x, scale, shift, running, result);
                return new Results().with("y", result);
            }
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(run.x.spec().channels());
            plan.train(run.x, scale, shift, result, saved, running, limits(run.own));
            if (!run.backward()) {
                return new Results().with("y", result).with("mean", saved.mean()).with("rstd", saved.rstd())
                        .with("r", saved.r()).with("d", saved.d()).with(running);
            }
            Tensor dscale = run.gradient(scale);
            Tensor dshift = run.gradient(shift);
            plan.backward(run.dy(), run.x, scale, saved, result, dscale, dshift);
            return new Results().with("dx", result).with("dscale", dscale).with("dshift", dshift);
        }
    }

    private static BatchRenorm.Limits limits(TechniqueOptions own) {
        BatchRenorm.Limits paper = BatchRenorm.Limits.PAPER;
        return new BatchRenorm.Limits(own.rMax == null ? paper.rMax() : own.rMax,
                own.dMax == null ? paper.dMax() : own.dMax);
    }

    static Results meanOnly(Run run) {
        run.requireMode("--running-mean", !run.backward(), "train or infer");
        Tensor shift = run.channelShift();
        MeanOnlyBatchNorm norm =
                Run.with(MeanOnlyBatchNorm.create(), run.batch.momentum(), MeanOnlyBatchNorm::momentum);
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor result = run.likeX();
        try (MeanOnlyBatchNorm.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            if (run.backward()) {
                Tensor dshift = run.gradient(shift);
                plan.backward(run.dy(), result, dshift);
                return new Results().with("dx", result).with("dshift", dshift);
            }
            Tensor mean = run.operands.statistic("--running-mean", run.files.runningMean, run.channels());
            if (run.problem.mode() == Mode.TRAIN) {
                return trainMeanOnly(run, plan, shift, mean, result);
            }
            if (mean == null) {
                throw new BadInputException("--running-mean is missing; --mode infer must have it");
            }
            plan.infer(run.x, shift, mean, result);
            return new Results().with("y", result);
        }
    }

    private static Results trainMeanOnly(Run run, MeanOnlyBatchNorm.Plan plan, Tensor shift, Tensor mean, Tensor y) {
        if (mean == null) {
            plan.train(run.x, shift, y, null);
            return new Results().with("y", y);
        }
        // There is no running variance, so anything will do.
        RunningStatistics running =
                new RunningStatistics(run.operands.copy(mean), run.operands.copy(mean), run.batch.batches());
        plan.train(run.x, shift, y, running);
        return new Results().with("y", y).with("running_mean", running.statistics().mean());
    }
}
