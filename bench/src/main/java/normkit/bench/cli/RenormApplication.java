package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.techniques.BatchRenorm;
import normkit.tensor.Tensor;

/** {@code apply batch_renorm}. */
final class RenormApplication extends ChannelApplication {

    private RenormApplication(TechniqueRun in) {
        super(in);
    }

    static Results run(TechniqueRun in) {
        return new RenormApplication(in).run();
    }

    private Results run() {
        Tensor scale = scale();
        Tensor shift = shift();
        RunningStatistics running = updated();
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; batch_renorm must have them");
        }
        BatchRenorm norm = BatchRenorm.create().epsilon(in.epsilon(1e-5)).momentum(in.batch().momentum());
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor y = in.likeX();
        try (BatchRenorm.Plan plan = norm.plan(in.x().spec(), in.planOptions())) {
            if (in.mode() == Mode.INFER) {
                plan.infer(in.x(), scale, shift, running, y);
                return new Results().with("y", y);
            }
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(channels().elements());
            plan.train(in.x(), scale, shift, y, saved, running, limits());
            return in.backward() ? gradients(plan, scale, saved, y) : results(y, saved, running);
        }
    }

    private BatchRenorm.Limits limits() {
        BatchRenorm.Limits paper = BatchRenorm.Limits.PAPER;
        TechniqueOptions options = in.options();
        return new BatchRenorm.Limits(options.rMax == null ? paper.rMax() : options.rMax,
                options.dMax == null ? paper.dMax() : options.dMax);
    }

    private static Results results(Tensor y, BatchRenorm.Saved saved, RunningStatistics running) {
        return new Results().with("y", y).with("mean", saved.mean()).with("rstd", saved.rstd()).with("r", saved.r())
                .with("d", saved.d()).with("running_mean", running.statistics().mean())
                .with("running_var", running.statistics().variance());
    }

    private Results gradients(BatchRenorm.Plan plan, Tensor scale, BatchRenorm.Saved saved, Tensor dx) {
        Tensor dscale = in.like(channels());
        Tensor dshift = in.like(channels());
        plan.backward(in.dy(), in.x(), scale, saved, dx, dscale, dshift);
        return new Results().with("dx", dx).with("dscale", dscale).with("dshift", dshift);
    }
}
