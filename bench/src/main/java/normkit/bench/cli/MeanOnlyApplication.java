package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.tensor.Tensor;

/** {@code apply mean_only_batch_norm}. */
final class MeanOnlyApplication extends ChannelApplication {

    private MeanOnlyApplication(TechniqueRun in) {
        super(in);
    }

    static Results run(TechniqueRun in) {
        return new MeanOnlyApplication(in).run();
    }

    private Results run() {
        if (in.backward() && in.files().runningMean != null) {
            throw new BadInputException("--running-mean is for --mode train or infer");
        }
        Tensor shift = shift();
        MeanOnlyBatchNorm norm = MeanOnlyBatchNorm.create().momentum(in.batch().momentum());
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor result = in.likeX();
        try (MeanOnlyBatchNorm.Plan plan = norm.plan(in.x().spec(), in.planOptions())) {
            return switch (in.mode()) {
                case TRAIN -> train(plan, shift, result);
                case INFER -> infer(plan, shift, result);
                case BACKWARD -> backward(plan, result);
            };
        }
    }

    private Tensor runningMean() {
        return in.statistic("--running-mean", in.files().runningMean, channels());
    }

    private Results train(MeanOnlyBatchNorm.Plan plan, Tensor shift, Tensor y) {
        Tensor mean = runningMean();
        // There is no running variance, so anything will do.
        RunningStatistics running =
                mean == null ? null : new RunningStatistics(copy(mean), copy(mean), in.batch().batches());
        plan.train(in.x(), shift, y, running);
        return new Results().with("y", y).with("running_mean", running == null ? null : running.statistics().mean());
    }

    private Results infer(MeanOnlyBatchNorm.Plan plan, Tensor shift, Tensor y) {
        Tensor mean = runningMean();
        if (mean == null) {
            throw new BadInputException("--running-mean is missing; --mode infer must have it");
        }
        plan.infer(in.x(), shift, mean, y);
        return new Results().with("y", y);
    }

    private Results backward(MeanOnlyBatchNorm.Plan plan, Tensor dx) {
        Tensor dshift = in.like(channels());
        plan.backward(in.dy(), dx, dshift);
        return new Results().with("dx", dx).with("dshift", dshift);
    }
}
