package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** {@code apply mean_only_batch_norm}. */
final class MeanOnlyApplication {

    private MeanOnlyApplication() {
    }

    static Results run(TechniqueRun in) {
        Tensor shift = in.channelShift();
        MeanOnlyBatchNorm norm = MeanOnlyBatchNorm.create().momentum(in.batch().momentum());
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor result = in.likeX();
        try (MeanOnlyBatchNorm.Plan plan = norm.plan(in.x().spec(), in.planOptions())) {
            return switch (in.mode()) {
                case TRAIN -> train(in, plan, shift, result);
                case INFER -> infer(in, plan, shift, result);
                case BACKWARD -> backward(in, plan, result);
            };
        }
    }

    private static Tensor runningMean(TechniqueRun in) {
        TensorSpec channels = in.vector(in.channels());
        return in.operands().statistic("--running-mean", in.files().runningMean, channels);
    }

    private static Results train(TechniqueRun in, MeanOnlyBatchNorm.Plan plan, Tensor shift, Tensor y) {
        Tensor mean = runningMean(in);
        RunningStatistics running = mean == null
                ? null
                : new RunningStatistics(in.operands().copy(mean), in.operands().filled(mean.spec(), 1),
                        in.batch().batches());
        plan.train(in.x(), shift, y, running);
        return new Results().with("y", y).with("running_mean", running == null ? null : running.statistics().mean());
    }

    private static Results infer(TechniqueRun in, MeanOnlyBatchNorm.Plan plan, Tensor shift, Tensor y) {
        Tensor mean = runningMean(in);
        if (mean == null) {
            throw new BadInputException("--running-mean is missing; --mode infer must have it");
        }
        plan.infer(in.x(), shift, mean, y);
        return new Results().with("y", y);
    }

    private static Results backward(TechniqueRun in, MeanOnlyBatchNorm.Plan plan, Tensor dx) {
        Tensor dshift = in.like(in.vector(in.channels()));
        plan.backward(in.dy(), dx, dshift);
        return new Results().with("dx", dx).with("dshift", dshift);
    }
}
