package normkit.bench.apply;

import java.util.List;
import java.util.Locale;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.RmsNorm;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.options.Mode;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.techniques.PaddedBatchNorm;
import normkit.techniques.PaddedNorm;
import normkit.techniques.Positions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of {@code apply} with an operation on padded sequences. */
final class PaddedApplication {

    private static final int SEQUENCE_RANK = 3;

    private final Operation operation;
    private final Run run;
    private final Tensor x;

    PaddedApplication(Operation operation, Run run) {
        this.operation = operation;
        this.run = run;
        this.x = run.x;
    }

    /**
     * Runs.
     *
     * @throws BadInputException if a file or option is wrong or does not belong here
     */
    Results run() {
        requireSequences();
        requireUseful();
        Positions valid = run.padding.positions(x.spec(), run.operands);
        Tensor scale = run.channelScale();
        // A gradient's β is there even if it is 0 by default, but in RMS norm.
        Tensor shift = operation == Operation.RMS_NORM && !run.given("--shift") ? null : run.channelShift();
        // Checks ε and groups.
        Problem problem = run.problem.problem(operation, x.spec(), scale != null, shift != null);
        return operation == Operation.BATCH_NORM
                ? batchNorm(problem, valid, scale, shift)
                : setwise(problem, valid, scale, shift);
    }

    private void requireSequences() {
        if (x.spec().layout() == Layout.ROWS || x.spec().rank() < SEQUENCE_RANK) {
            throw new BadInputException(run.padding.name() + " is for sequences; --layout must be ncx or nxc and x of "
                    + "at least 3 axes, but x is " + x.spec());
        }
    }

    private void requireUseful() {
        List.of("--frozen", "--png", "--mean", "--rstd", "--var", "--normalized-shape", "--activation",
                "--activation-before", "--residual", "--dsum").forEach(this::refuse);
        if (operation != Operation.BATCH_NORM || run.backward()) {
            List.of("--running-mean", "--running-var").forEach(this::refuse);
        }
    }

    private void refuse(String option) {
        if (run.given(option)) {
            throw new BadInputException(option + " is not for " + operation.label() + " with " + run.padding.name()
                    + " and --mode " + run.problem.mode().name().toLowerCase(Locale.ROOT));
        }
    }

    private Results batchNorm(Problem problem, Positions valid, Tensor scale, Tensor shift) {
        BatchNorm norm = run.batch.conventions().epsilon(problem.epsilon());
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        norm = run.backward() ? norm.singleValue(BatchNorm.SingleValue.ALLOW) : norm;
        Tensor result = run.likeX();
        try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(norm).plan(x.spec(), run.planOptions())) {
            if (run.problem.mode() == Mode.INFER) {
                plan.infer(x, valid, scale, shift, run.runningToInfer(), result);
                return new Results().with("y", result);
            }
            TensorSpec wide = run.channels().as(DataType.F64);
            Statistics saved = Statistics.meanAndRstd(run.operands.like(wide), run.operands.like(wide));
            RunningStatistics running = run.updated(run.channels());
            plan.train(x, valid, scale, shift, result, saved, running);
            if (!run.backward()) {
                return new Results().with("y", result).with(saved).with(running);
            }
            Tensor dscale = run.gradient(scale);
            Tensor dshift = run.gradient(shift);
            plan.backward(run.dy(), x, valid, scale, saved, result, dscale, dshift);
            return new Results().with("dx", result).with("dscale", dscale).with("dshift", dshift);
        }
    }

    private Results setwise(Problem problem, Positions valid, Tensor scale, Tensor shift) {
        Tensor result = run.likeX();
        try (PaddedNorm.Plan plan = norm(problem, scale != null, shift != null).plan(x.spec(), run.planOptions())) {
            PaddedNorm.Saved saved = plan.forward(x, valid, scale, shift, result);
            if (!run.backward()) {
                return new Results().with("y", result);
            }
            Tensor dscale = run.gradient(scale);
            Tensor dshift = run.gradient(shift);
            plan.backward(run.dy(), x, scale, saved, result, dscale, dshift);
            return new Results().with("dx", result).with("dscale", dscale).with("dshift", dshift);
        }
    }

    private PaddedNorm norm(Problem problem, boolean scaled, boolean shifted) {
        return switch (operation) {
            case LAYER_NORM -> {
                LayerNorm norm = LayerNorm.over(x.spec().channels()).epsilon(problem.epsilon());
                norm = scaled ? norm : norm.withoutScale();
                yield PaddedNorm.of(shifted ? norm : norm.withoutShift());
            }
            case RMS_NORM -> {
                RmsNorm norm = RmsNorm.over(x.spec().channels()).epsilon(problem.epsilon());
                norm = scaled ? norm : norm.withoutScale();
                yield PaddedNorm.of(shifted ? norm.withShift() : norm);
            }
            case GROUP_NORM -> {
                GroupNorm norm = GroupNorm.of(problem.groups()).epsilon(problem.epsilon());
                norm = scaled ? norm : norm.withoutScale();
                yield PaddedNorm.of(shifted ? norm : norm.withoutShift());
            }
            case INSTANCE_NORM -> {
                InstanceNorm norm = InstanceNorm.create().epsilon(problem.epsilon());
                norm = scaled ? norm : norm.withoutScale();
                yield PaddedNorm.of(shifted ? norm : norm.withoutShift());
            }
            case BATCH_NORM -> throw new AssertionError("has a class of its own");
        };
    }
}
