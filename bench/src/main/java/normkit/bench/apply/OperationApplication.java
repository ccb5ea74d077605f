package normkit.bench.apply;

import java.nio.file.Path;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
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

/** One run of {@code apply} with an operation: reads the operands that go with the mode, computes, and names the results. */
final class OperationApplication {

    private final Run run;
    private final FileOptions files;
    private final BatchNorm conventions;
    private final Tensor x;
    private final Problem problem;

    OperationApplication(Operation operation, Run run) {
        this.run = run;
        this.files = run.files;
        this.conventions = run.batch.conventions();
        this.x = run.x;
        // A gradient's γ and β are there even if they are 1 and 0 by default.
        this.problem = run.problem.problem(operation, x.spec(), run.backward() || files.scale != null,
                files.shift != null || run.backward() && operation != Operation.RMS_NORM, files.residual != null);
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
        requireUseful("--dsum", pass.backward() && files.residual != null, "--mode backward with --residual");
        String statistics = "--mode backward, or --mode infer of batch_norm";
        requireUseful("--mean", pass != Pass.FORWARD && problem.operation().centred(),
                statistics + " (rms_norm has no mean)");
        requireUseful("--rstd", pass != Pass.FORWARD, statistics);
        requireUseful("--var", pass != Pass.FORWARD, statistics);
        String running = "batch_norm with --mode train, infer, or backward --frozen";
        requireUseful("--running-mean", batchNorm && pass != Pass.BACKWARD, running);
        requireUseful("--running-var", batchNorm && pass != Pass.BACKWARD, running);
    }

    private void requireUseful(String option, boolean useful, String where) {
        if (run.given(option) && !useful) {
            throw new BadInputException(option + " is for " + where);
        }
    }

    private Results forward() {
        if (problem.operation() == Operation.BATCH_NORM && problem.setSize() == 1 && run.batch.rejectsSingleValue()) {
            throw new BadInputException(
                    "--x " + files.x + " has one value per channel; training needs more, or --single-value allow");
        }
        RunningStatistics running = run.updated(problem.statisticsSpec());
        Tensor y = run.likeX();
        Statistics saved = statistics();
        Tensor residual = likeX("--residual", files.residual);
        Tensor sum = residual == null ? null : run.likeX();
        run(problem, Operands.forward(x, scale(), shift(), saved, running, y).residual(residual, sum, null));
        return new Results().with("y", y).with("sum", sum).with(saved).with(running);
    }

    private Results infer() {
        Tensor y = run.likeX();
        run(problem, Operands.forward(x, scale(), shift(), given(), null, y));
        return new Results().with("y", y);
    }

    private Results backward() {
        Tensor dy = run.dy();
        Tensor scale = run.operands.parameter("--scale", files.scale, problem.parameterSpec(), 1);
        Tensor shift = problem.hasShift()
                ? run.operands.parameter("--shift", files.shift, problem.parameterSpec(), 0)
                : shift();
        Tensor residual = likeX("--residual", files.residual);
        Tensor sum = residual == null ? null : run.likeX();
        Tensor dx = run.likeX();
        boolean known = files.mean != null || files.rstd != null || files.var != null;
        known |= problem.pass() == Pass.FROZEN_BACKWARD;
        // The sum comes from a forward pass as well.
        Statistics computed = known && sum == null ? null : computed(dx, residual, sum);
        Statistics statistics = known ? given() : computed;
        Tensor dscale = like(problem.parameterSpec());
        Tensor dshift = problem.hasShift() ? like(problem.parameterSpec()) : null;
        run(problem, Operands.backward(dy, sum == null ? x : sum, scale, statistics, dx, dscale, dshift).shift(shift)
                .residual(null, null, likeX("--dsum", files.dsum)));
        return new Results().with("dx", dx).with("dscale", dscale).with("dshift", dshift);
    }

    private void run(Problem what, Operands operands) {
        try (PlannedPass pass = PlannedPass.of(what, conventions, run.problem.backend())) {
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
        try (PlannedPass pass = PlannedPass.of(forward, lenient, run.problem.backend())) {
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

    private Tensor like(TensorSpec spec) {
        return run.operands.like(spec);
    }

    private Tensor scale() {
        return run.scale(problem.parameterSpec());
    }

    private Tensor likeX(String option, Path file) {
        return run.operands.parameter(option, file, x.spec());
    }

    private Tensor shift() {
        return run.operands.parameter("--shift", files.shift, problem.parameterSpec());
    }

    private Tensor statistic(String option, Path file) {
        return run.operands.statistic(option, file, problem.statisticsSpec());
    }
}
