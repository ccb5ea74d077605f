package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.files.TensorFile;
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

    private final ProblemOptions options;
    private final FileOptions files;
    private final BatchOptions batch;
    private final PaddingOptions padding;
    private final Arena arena;
    private final Tensor x;
    private final Operation operation;
    private final boolean backward;
    private final TensorSpec channels;

    PaddedApplication(ProblemOptions options, FileOptions files, BatchOptions batch, PaddingOptions padding,
            TensorFile x, Arena arena) {
        this.options = options;
        this.files = files;
        this.batch = batch;
        this.padding = padding;
        this.operation = options.operation();
        this.backward = options.mode() == Mode.BACKWARD;
        this.x = x.tensor(options.layout());
        if (this.x.spec().layout() == Layout.ROWS || this.x.spec().rank() < 3) {
            throw new BadInputException(padding.name() + " is for sequences; --layout must be ncx or nxc and x of at "
                    + "least 3 axes, but x is " + this.x.spec());
        }
        this.arena = arena;
        this.channels = TensorSpec.of(this.x.spec().type(), Layout.ROWS, this.x.spec().channels());
    }

    /**
     * Runs.
     *
     * @throws BadInputException if a file or option is wrong or does not belong here
     */
    Results run() {
        requireUseful();
        Positions valid = padding.positions(x.spec(), arena);
        Tensor scale = parameter("--scale", files.scale, 1, true);
        Tensor shift = parameter("--shift", files.shift, 0, operation != Operation.RMS_NORM);
        // Checks ε and groups.
        Problem problem = options.problem(x.spec(), scale != null, shift != null);
        return operation == Operation.BATCH_NORM
                ? batchNorm(problem, valid, scale, shift)
                : setwise(problem, valid, scale, shift);
    }

    private void requireUseful() {
        boolean running = operation == Operation.BATCH_NORM && !backward;
        require("--frozen", options.frozen(), false);
        require("--png", files.png != null, false);
        require("--mean", files.mean != null, false);
        require("--rstd", files.rstd != null, false);
        require("--var", files.var != null, false);
        require("--normalized-shape", options.hasNormalizedShape(), false);
        require("--dy", files.dy != null, backward);
        require("--running-mean", files.runningMean != null, running);
        require("--running-var", files.runningVar != null, running);
    }

    private void require(String option, boolean given, boolean useful) {
        if (given && !useful) {
            throw new BadInputException(option + " is not for " + operation.label() + " with " + padding.name()
                    + " and --mode " + options.mode().name().toLowerCase(Locale.ROOT));
        }
    }

    /** Gradients are of parameters that are there, even if the user gives none. */
    private Tensor parameter(String option, Path file, double otherwise, boolean usual) {
        Tensor given = OperandFile.read(option, file, channels, channels.type(), arena);
        if (given != null || !backward || !usual) {
            return given;
        }
        Tensor filled = like(channels);
        for (long i = 0; i < channels.elements(); i++) {
            filled.set(i, otherwise);
        }
        return filled;
    }

    private Tensor dy() {
        if (files.dy == null) {
            throw new BadInputException("--dy is missing; --mode backward must have it");
        }
        return OperandFile.read("--dy", files.dy, x.spec(), x.spec().type(), arena);
    }

    private Tensor like(TensorSpec spec) {
        return Tensor.allocate(spec, arena);
    }

    private PlanOptions planOptions() {
        return options.backend() == null ? PlanOptions.DEFAULT.exact() : PlanOptions.DEFAULT.backend(options.backend());
    }

    private Tensor gradient(Tensor parameter) {
        return parameter == null ? null : like(parameter.spec());
    }

    private Results batchNorm(Problem problem, Positions valid, Tensor scale, Tensor shift) {
        BatchNorm norm = batch.conventions().epsilon(problem.epsilon());
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        norm = backward ? norm.singleValue(BatchNorm.SingleValue.ALLOW) : norm;
        Tensor result = like(x.spec());
        try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(norm).plan(x.spec(), planOptions())) {
            if (options.mode() == Mode.INFER) {
                plan.infer(x, valid, scale, shift, running(true).statistics(), result);
                return new Results().with("y", result);
            }
            TensorSpec wide = channels.as(DataType.F64);
            Statistics saved = Statistics.meanAndRstd(like(wide), like(wide));
            RunningStatistics running = running(false);
            plan.train(x, valid, scale, shift, result, saved, running);
            Results results = new Results();
            if (backward) {
                Tensor dscale = gradient(scale);
                Tensor dshift = gradient(shift);
                plan.backward(dy(), x, valid, scale, saved, result, dscale, dshift);
                return results.with("dx", result).with("dscale", dscale).with("dshift", dshift);
            }
            results.with("y", result).with("mean", saved.mean()).with("rstd", saved.rstd());
            return running == null
                    ? results
                    : results.with("running_mean", running.statistics().mean()).with("running_var",
                            running.statistics().variance());
        }
    }

    /** Copies of the running statistics, in f64; null if the user gives none. */
    private RunningStatistics running(boolean required) {
        if (files.runningMean == null && files.runningVar == null && !required) {
            return null;
        }
        if (files.runningMean == null || files.runningVar == null) {
            throw new BadInputException((files.runningMean == null ? "--running-mean" : "--running-var")
                    + " is missing; running statistics must be both");
        }
        return new RunningStatistics(running("--running-mean", files.runningMean),
                running("--running-var", files.runningVar), batch.batches());
    }

    private Tensor running(String option, Path file) {
        Tensor given = OperandFile.read(option, file, channels, DataType.F64, arena);
        Tensor copy = like(given.spec());
        for (long c = 0; c < channels.elements(); c++) {
            copy.set(c, given.get(c));
        }
        return copy;
    }

    private Results setwise(Problem problem, Positions valid, Tensor scale, Tensor shift) {
        Tensor result = like(x.spec());
        try (PaddedNorm.Plan plan = norm(problem, scale != null, shift != null).plan(x.spec(), planOptions())) {
            PaddedNorm.Saved saved = plan.forward(x, valid, scale, shift, result);
            if (!backward) {
                return new Results().with("y", result);
            }
            Tensor dscale = gradient(scale);
            Tensor dshift = gradient(shift);
            plan.backward(dy(), x, scale, saved, result, dscale, dshift);
            return new Results().with("dx", result).with("dscale", dscale).with("dshift", dshift);
        }
    }

    private PaddedNorm norm(Problem problem, boolean scaled, boolean shifted) {
        return switch (operation) {
            case LAYER_NORM -> {
                LayerNorm norm = LayerNorm.over(channels.elements()).epsilon(problem.epsilon());
                norm = scaled ? norm : norm.withoutScale();
                yield PaddedNorm.of(shifted ? norm : norm.withoutShift());
            }
            case RMS_NORM -> {
                RmsNorm norm = RmsNorm.over(channels.elements()).epsilon(problem.epsilon());
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
