package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.techniques.BatchRenorm;
import normkit.tensor.Tensor;

/** {@code apply batch_renorm}. */
final class RenormApplication {

    private final TechniqueInput in;
    private final boolean backward;

    private RenormApplication(TechniqueInput in) {
        this.in = in;
        this.backward = in.options.mode() == Mode.BACKWARD;
    }

    static Results run(TechniqueInput in) {
        return new RenormApplication(in).run();
    }

    private Results run() {
        // Gradients are of parameters that are there, even if the user gives none.
        long channels = in.x.spec().channels();
        Tensor scale = backward
                ? in.parameter("--scale", in.files.scale, channels, 1)
                : in.perChannel("--scale", in.files.scale);
        Tensor shift = backward
                ? in.parameter("--shift", in.files.shift, channels, 0)
                : in.perChannel("--shift", in.files.shift);
        RunningStatistics running = in.updated();
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; batch_renorm must have them");
        }
        BatchRenorm norm = BatchRenorm.create().epsilon(in.options.epsilon(ProblemOptions.DEFAULT_EPSILON))
                .momentum(in.batch.momentum());
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor y = in.operands.like(in.x.spec());
        try (BatchRenorm.Plan plan = norm.plan(in.x.spec(), in.planOptions())) {
            if (in.options.mode() == Mode.INFER) {
                plan.infer(in.x, scale, shift, running, y);
                return new Results().with("y", y);
            }
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(channels);
            plan.train(in.x, scale, shift, y, saved, running, limits());
            return backward ? gradients(plan, scale, saved, y) : results(y, saved, running);
        }
    }

    private BatchRenorm.Limits limits() {
        BatchRenorm.Limits paper = BatchRenorm.Limits.PAPER;
        return new BatchRenorm.Limits(in.own.rMax == null ? paper.rMax() : in.own.rMax,
                in.own.dMax == null ? paper.dMax() : in.own.dMax);
    }

    private static Results results(Tensor y, BatchRenorm.Saved saved, RunningStatistics running) {
        return new Results().with("y", y).with("mean", saved.mean()).with("rstd", saved.rstd()).with("r", saved.r())
                .with("d", saved.d()).with("running_mean", running.statistics().mean())
                .with("running_var", running.statistics().variance());
    }

    private Results gradients(BatchRenorm.Plan plan, Tensor scale, BatchRenorm.Saved saved, Tensor dx) {
        Tensor dscale = in.operands.like(scale.spec());
        Tensor dshift = in.operands.like(scale.spec());
        plan.backward(in.operands.gradient(in.files.dy), in.x, scale, saved, dx, dscale, dshift);
        return new Results().with("dx", dx).with("dscale", dscale).with("dshift", dshift);
    }
}
