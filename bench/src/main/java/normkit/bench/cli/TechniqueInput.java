package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** What the user gives to a technique. */
final class TechniqueInput {

    final ProblemOptions options;
    final FileOptions files;
    final BatchOptions batch;
    final TechniqueOptions own;
    final Tensor x;
    final OperandFiles operands;

    private final Technique technique;

    TechniqueInput(Technique technique, ProblemOptions options, FileOptions files, BatchOptions batch,
            TechniqueOptions own, TensorFile x, Arena arena) {
        this.technique = technique;
        this.options = options;
        this.files = files;
        this.batch = batch;
        this.own = own;
        this.x = x.tensor(options.layout());
        this.operands = new OperandFiles(this.x.spec(), arena);
        requireUseful();
    }

    /** An option that would not be used is a misunderstanding, so it is an error. */
    private void requireUseful() {
        boolean style = technique == Technique.ADAPTIVE_INSTANCE_NORM;
        boolean meanOnly = technique == Technique.MEAN_ONLY_BATCH_NORM;
        boolean renorm = technique == Technique.BATCH_RENORM;
        boolean backward = options.mode() == Mode.BACKWARD;
        options.requireTechnique(technique.label());
        require("--mean", files.mean, false);
        require("--rstd", files.rstd, false);
        require("--var", files.var, false);
        require("--scale", files.scale, !style && !meanOnly);
        require("--shift", files.shift, !style);
        require("--running-mean", files.runningMean, !style);
        require("--running-var", files.runningVar, !style && !meanOnly);
        require("--style", own.style, style);
        require("--strength", own.strength, style);
        require("--gate", own.gate, technique == Technique.BATCH_INSTANCE_NORM);
        require("--mean-logits", own.meanLogits, technique == Technique.SWITCHABLE_NORM);
        require("--variance-logits", own.varianceLogits, technique == Technique.SWITCHABLE_NORM);
        require("--batch-size", own.batchSize, technique == Technique.BATCH_LAYER_NORM);
        require("--eps", options.hasEpsilon() ? "" : null, !meanOnly);
        require("--r-max", own.rMax, renorm);
        require("--d-max", own.dMax, renorm);
        requireMode("--dy", files.dy, backward, "backward");
        requireMode("--png", files.png, !backward, "train or infer");
        requireMode("--running-mean", files.runningMean, !backward || renorm, "train or infer");
        requireMode("--running-var", files.runningVar, !backward || renorm, "train or infer");
        if (files.png != null) {
            Picture.requirePicture(x.spec());
        }
    }

    private void require(String option, Object given, boolean useful) {
        if (given != null && !useful) {
            throw new BadInputException(option + " is not for " + technique.label());
        }
    }

    private static void requireMode(String option, Object given, boolean useful, String modes) {
        if (given != null && !useful) {
            throw new BadInputException(option + " is for --mode " + modes);
        }
    }

    PlanOptions planOptions() {
        return options.backend() == null ? PlanOptions.DEFAULT : PlanOptions.DEFAULT.backend(options.backend());
    }

    TensorSpec vector(long length) {
        return TensorSpec.of(x.spec().type(), Layout.ROWS, length);
    }

    /** A parameter of one element per channel. */
    Tensor perChannel(String option, Path file) {
        return operands.parameter(option, file, vector(x.spec().channels()));
    }

    /** A parameter that is the same number everywhere if the user gives none. */
    Tensor parameter(String option, Path file, long length, double otherwise) {
        Tensor given = operands.parameter(option, file, vector(length));
        return given != null ? given : operands.filled(vector(length), otherwise);
    }

    /** Running mean and variance, in f64; null if the user gives none. */
    Statistics running() {
        if (files.runningMean == null && files.runningVar == null) {
            return null;
        }
        if (files.runningMean == null || files.runningVar == null) {
            throw new BadInputException((files.runningMean == null ? "--running-mean" : "--running-var")
                    + " is missing; running statistics must be both");
        }
        TensorSpec channels = vector(x.spec().channels());
        return Statistics.meanAndVariance(operands.statistic("--running-mean", files.runningMean, channels),
                operands.statistic("--running-var", files.runningVar, channels));
    }

    /** Copies of them to update. */
    RunningStatistics updated() {
        Statistics running = running();
        return running == null
                ? null
                : new RunningStatistics(operands.copy(running.mean()), operands.copy(running.variance()),
                        batch.batches());
    }
}
