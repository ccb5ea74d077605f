package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of {@code apply}: reads the operands that go with the mode, computes, and names the results. */
final class Application {

    private final ProblemOptions options;
    private final FileOptions files;
    private final BatchOptions batch;
    private final long batches;
    private final BatchNorm conventions;
    private final Arena arena;
    private final Tensor x;
    private final Problem problem;

    Application(ProblemOptions options, FileOptions files, BatchOptions batch, TensorFile x, Arena arena) {
        this.options = options;
        this.files = files;
        this.batch = batch;
        this.conventions = batch.conventions();
        this.batches = batch.batches();
        this.arena = arena;
        this.x = x.tensor(options.layout());
        // A gradient's γ and β are there even if they are 1 and 0 by default.
        boolean backward = options.mode() == Mode.BACKWARD;
        this.problem = options.problem(this.x.spec(), backward || files.scale != null,
                files.shift != null || backward && options.operation() != Operation.RMS_NORM, files.residual != null);
    }

    /**
     * Runs.
     *
     * @throws BadInputException if a file or option is wrong or does not belong here
     */
    Results run() {
        requireUseful();
        return switch (problem.pass()) {
            case FORWARD -> forward();
            case INFERENCE -> infer();
            case BACKWARD, FROZEN_BACKWARD -> backward();
        };
    }

    /** A file that would not be read is a misunderstanding, so it is an error. */
    private void requireUseful() {
        Pass pass = problem.pass();
        boolean batchNorm = problem.operation() == Operation.BATCH_NORM;
        requireUseful("--dy", files.dy, pass.backward(), "--mode backward");
        requireUseful("--dsum", files.dsum, pass.backward() && files.residual != null,
                "--mode backward with --residual");
        requireUseful("--png", files.png, !pass.backward(), "--mode train or infer");
        String statistics = "--mode backward, or --mode infer of batch_norm";
        requireUseful("--mean", files.mean, pass != Pass.FORWARD && problem.operation().centred(),
                statistics + " (rms_norm has no mean)");
        requireUseful("--rstd", files.rstd, pass != Pass.FORWARD, statistics);
        requireUseful("--var", files.var, pass != Pass.FORWARD, statistics);
        String running = "batch_norm with --mode train, infer, or backward --frozen";
        requireUseful("--running-mean", files.runningMean, batchNorm && pass != Pass.BACKWARD, running);
        requireUseful("--running-var", files.runningVar, batchNorm && pass != Pass.BACKWARD, running);
        if (files.png != null) {
            Picture.requirePicture(x.spec());
        }
    }

    private static void requireUseful(String option, Path file, boolean useful, String where) {
        if (file != null && !useful) {
            throw new BadInputException(option + " is for " + where);
        }
    }

    private Results forward() {
        if (problem.operation() == Operation.BATCH_NORM && problem.setSize() == 1 && batch.rejectsSingleValue()) {
            throw new BadInputException(
                    "--x " + files.x + " has one value per channel; training needs more, or " + "--single-value allow");
        }
        RunningStatistics running = running();
        Tensor y = like(x.spec());
        Statistics saved = statistics();
        Tensor residual = likeX("--residual", files.residual);
        Tensor sum = residual == null ? null : like(x.spec());
        run(problem, Operands
                .forward(x, parameter("--scale", files.scale), parameter("--shift", files.shift), saved, running, y)
                .residual(residual, sum, null));
        Results results =
                new Results().with("y", y).with("sum", sum).with("mean", saved.mean()).with("rstd", saved.rstd());
        return running == null
                ? results
                : results.with("running_mean", running.statistics().mean()).with("running_var",
                        running.statistics().variance());
    }

    private Results infer() {
        Tensor y = like(x.spec());
        run(problem, Operands.forward(x, parameter("--scale", files.scale), parameter("--shift", files.shift), given(),
                null, y));
        return new Results().with("y", y);
    }

    private Results backward() {
        Tensor dy = likeX("--dy", files.dy);
        if (dy == null) {
            throw new BadInputException("--dy is missing; --mode backward must have it");
        }
        Tensor scale = parameter("--scale", files.scale);
        Tensor shift = parameter("--shift", files.shift);
        Tensor residual = likeX("--residual", files.residual);
        Tensor sum = residual == null ? null : like(x.spec());
        Tensor dx = like(x.spec());
        boolean known = files.mean != null || files.rstd != null || files.var != null;
        known |= problem.pass() == Pass.FROZEN_BACKWARD;
        // The sum comes from a forward pass as well.
        Statistics computed = known && sum == null ? null : computed(dx, residual, sum);
        Statistics statistics = known ? given() : computed;
        Tensor dscale = like(problem.parameterSpec());
        Tensor dshift = problem.hasShift() ? like(problem.parameterSpec()) : null;
        Tensor zeros = problem.hasShift() ? like(problem.parameterSpec()) : null;
        run(problem, Operands
                .backward(dy, sum == null ? x : sum, scale == null ? ones() : scale, statistics, dx, dscale, dshift)
                .shift(shift == null ? zeros : shift).residual(null, null, likeX("--dsum", files.dsum)));
        return new Results().with("dx", dx).with("dscale", dscale).with("dshift", dshift);
    }

    private void run(Problem what, Operands operands) {
        try (PlannedPass pass = PlannedPass.of(what, conventions, options.backend())) {
            pass.run(operands);
        }
    }

    /** The statistics of x itself, from a forward pass whose y nobody needs. */
    private Statistics computed(Tensor scratch, Tensor residual, Tensor sum) {
        Problem forward = new Problem(problem.operation(), Pass.FORWARD, problem.x(), problem.normalizedRank(),
                problem.groups(), false, false, problem.epsilon(),
                new Fusion(problem.fusion().before(), null, problem.fusion().residual()));
        Statistics saved = statistics();
        BatchNorm lenient = conventions.singleValue(BatchNorm.SingleValue.ALLOW);
        try (PlannedPass pass = PlannedPass.of(forward, lenient, options.backend())) {
            pass.run(Operands.forward(x, null, null, saved, null, scratch).residual(residual, sum, null));
        }
        return saved;
    }

    /** Room for the statistics of x, in f64, which keeps gradients accurate. */
    private Statistics statistics() {
        TensorSpec wide = problem.statisticsSpec().as(DataType.F64);
        return Statistics.meanAndRstd(problem.operation().centred() ? like(wide) : null, like(wide));
    }

    /** The statistics the user gives. */
    private Statistics given() {
        Tensor mean = statistic("--mean", files.mean);
        Tensor rstd = statistic("--rstd", files.rstd);
        Tensor variance = statistic("--var", files.var);
        Tensor runningMean = statistic("--running-mean", files.runningMean);
        Tensor runningVariance = statistic("--running-var", files.runningVar);
        if ((mean != null || rstd != null || variance != null) && (runningMean != null || runningVariance != null)) {
            throw new BadInputException("--mean, --rstd and --var are instead of --running-mean and --running-var; "
                    + "only one of the two must be given");
        }
        if (rstd != null && variance != null) {
            throw new BadInputException("--rstd is instead of --var; only one of the two must be given");
        }
        Statistics given =
                new Statistics(mean != null ? mean : runningMean, variance != null ? variance : runningVariance, rstd);
        boolean needsMean = problem.operation().centred() && given.mean() == null;
        if (needsMean || given.variance() == null && given.rstd() == null) {
            throw new BadInputException((needsMean ? "the mean" : "the variance") + " is missing; given statistics "
                    + "must be "
                    + (problem.operation() == Operation.BATCH_NORM ? "--running-mean and --running-var, or " : "")
                    + (problem.operation().centred() ? "--mean with --rstd or --var" : "--rstd or --var"));
        }
        return given;
    }

    /** Running statistics to update, as copies in f64; null if the user gives none. */
    private RunningStatistics running() {
        if (files.runningMean == null && files.runningVar == null) {
            return null;
        }
        if (files.runningMean == null || files.runningVar == null) {
            throw new BadInputException((files.runningMean == null ? "--running-mean" : "--running-var")
                    + " is missing; running statistics must be both");
        }
        return new RunningStatistics(copy(statistic("--running-mean", files.runningMean)),
                copy(statistic("--running-var", files.runningVar)), batches);
    }

    private Tensor copy(Tensor from) {
        Tensor copy = like(from.spec().as(DataType.F64));
        for (long i = 0; i < from.spec().elements(); i++) {
            copy.set(i, from.get(i));
        }
        return copy;
    }

    private Tensor like(TensorSpec spec) {
        return Tensor.allocate(spec, arena);
    }

    private Tensor ones() {
        Tensor ones = like(problem.parameterSpec());
        for (long i = 0; i < ones.spec().elements(); i++) {
            ones.set(i, 1);
        }
        return ones;
    }

    private Tensor likeX(String option, Path file) {
        return read(option, file, x.spec(), x.spec().type());
    }

    private Tensor parameter(String option, Path file) {
        return read(option, file, problem.parameterSpec(), x.spec().type());
    }

    private Tensor statistic(String option, Path file) {
        return read(option, file, problem.statisticsSpec(), DataType.F64);
    }

    private Tensor read(String option, Path file, TensorSpec spec, DataType widest) {
        return OperandFile.read(option, file, spec, widest, arena);
    }
}
