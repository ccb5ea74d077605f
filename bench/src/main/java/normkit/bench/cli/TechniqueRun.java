package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of {@code apply} with a technique: its operands and options, checked. */
final class TechniqueRun {

    private final Technique technique;
    private final ProblemOptions problem;
    private final FileOptions files;
    private final BatchOptions batch;
    private final TechniqueOptions options;
    private final Tensor x;
    private final OperandFiles operands;

    TechniqueRun(Technique technique, ProblemOptions problem, FileOptions files, BatchOptions batch,
            TechniqueOptions options, TensorFile x, Arena arena) {
        this.technique = technique;
        this.problem = problem;
        this.files = files;
        this.batch = batch;
        this.options = options;
        this.x = x.tensor(technique.layout(problem));
        this.operands = new OperandFiles(this.x.spec(), arena);
    }

    /**
     * Runs.
     *
     * @throws BadInputException if a file or option is wrong or does not belong here
     */
    Results run() {
        requireUseful();
        return technique.apply(this);
    }

    /** An option that would not be used is a misunderstanding, so it is an error. */
    private void requireUseful() {
        problem.requireNone(technique.label());
        given().forEach((option, value) -> {
            if (value != null && !technique.reads(option)) {
                throw new BadInputException(option + " is not for " + technique.label());
            }
        });
        boolean running = !backward() || technique.runningBackward();
        requireMode("--dy", files.dy, backward(), "backward");
        requireMode("--png", files.png, !backward(), "train or infer");
        requireMode("--running-mean", files.runningMean, running, "train or infer");
        requireMode("--running-var", files.runningVar, running, "train or infer");
        if (files.png != null) {
            Picture.requirePicture(x.spec());
        }
    }

    private Map<String, Object> given() {
        Map<String, Object> given = new LinkedHashMap<>(options.given());
        given.put("--eps", problem.epsilon());
        given.put("--backend", problem.backend());
        given.put("--scale", files.scale);
        given.put("--shift", files.shift);
        given.put("--mean", files.mean);
        given.put("--rstd", files.rstd);
        given.put("--var", files.var);
        given.put("--running-mean", files.runningMean);
        given.put("--running-var", files.runningVar);
        return given;
    }

    private static void requireMode(String option, Path given, boolean useful, String modes) {
        if (given != null && !useful) {
            throw new BadInputException(option + " is for --mode " + modes);
        }
    }

    FileOptions files() {
        return files;
    }

    BatchOptions batch() {
        return batch;
    }

    TechniqueOptions options() {
        return options;
    }

    Mode mode() {
        return problem.mode();
    }

    boolean backward() {
        return problem.mode() == Mode.BACKWARD;
    }

    boolean training() {
        return problem.mode() == Mode.TRAIN;
    }

    /** ε, or what it is if it is not given. */
    double epsilon(double unlessGiven) {
        return problem.epsilon(unlessGiven);
    }

    /** Results are to be the same wherever this runs. */
    PlanOptions planOptions() {
        PlanOptions exact = PlanOptions.DEFAULT.exact();
        return problem.backend() == null ? exact : exact.backend(problem.backend());
    }

    Tensor x() {
        return x;
    }

    OperandFiles operands() {
        return operands;
    }

    /** The gradient of y, which must be there. */
    Tensor dy() {
        return operands.gradient(files.dy);
    }

    /** A tensor like x, from a file of any shape. */
    Tensor like(Path file) {
        Layout layout = technique.layout(problem);
        TensorFile read = Picture.is(file)
                ? Picture.read(file, layout, operands.arena())
                : TensorFile.read(file, operands.arena());
        return read.tensor(layout);
    }

    /** Whether there is a scale. */
    boolean scaled() {
        return files.scale != null;
    }

    /** The scale, which must be there. */
    Tensor scale(TensorSpec spec) {
        if (files.scale == null) {
            throw new BadInputException("--scale is missing; " + technique.label() + " must have it");
        }
        return operands.parameter("--scale", files.scale, spec);
    }

    /** γ, one per channel, or null; backward, gradients are of parameters that are there, so that it is 1 then. */
    Tensor channelScale() {
        return perChannel("--scale", files.scale, 1);
    }

    /** β, likewise 0. */
    Tensor channelShift() {
        return perChannel("--shift", files.shift, 0);
    }

    private Tensor perChannel(String option, Path file, double otherwise) {
        return backward()
                ? parameter(option, file, channels(), otherwise)
                : operands.parameter(option, file, vector(channels()));
    }

    /** A parameter that is the same number everywhere if the user gives none. */
    Tensor parameter(String option, Path file, long length, double otherwise) {
        Tensor given = operands.parameter(option, file, vector(length));
        return given != null ? given : operands.filled(vector(length), otherwise);
    }

    long channels() {
        return x.spec().channels();
    }

    TensorSpec vector(long length) {
        return TensorSpec.of(x.spec().type(), Layout.ROWS, length);
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
        TensorSpec channels = vector(channels());
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

    /** Room for a result like x. */
    Tensor likeX() {
        return like(x.spec());
    }

    /** Room for a result. */
    Tensor like(TensorSpec spec) {
        return operands.like(spec);
    }
}
