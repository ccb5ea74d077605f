package normkit.bench.apply;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Picture;
import normkit.bench.options.Mode;
import normkit.bench.options.ProblemOptions;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of {@code apply}: x, the user's options, and the files that go with x, which are read as they are asked for. */
final class Run {

    final ProblemOptions problem;
    final FileOptions files;
    final BatchOptions batch;
    final PaddingOptions padding;
    final TechniqueOptions own;
    final Tensor x;
    final OperandFiles operands;

    private final String label;
    private final Set<String> given;

    Run(String label, Set<String> given, Options options, Tensor x, Arena arena) {
        this.label = label;
        this.given = given;
        this.problem = options.problem;
        this.files = options.files;
        this.batch = options.batch;
        this.padding = options.padding;
        this.own = options.own;
        this.x = x;
        this.operands = new OperandFiles(x.spec(), arena);
        batch.requireInRange();
        requireMode("--dy", backward(), "backward");
        requireMode("--png", !backward(), "train or infer");
        if (given("--png")) {
            Picture.requirePicture(x.spec());
        }
        if (given("--pixels") && !given("--png")) {
            throw new BadInputException("--pixels is for --png");
        }
    }

    /** Whether the user gives an option. */
    boolean given(String option) {
        return given.contains(option);
    }

    /** Refuses an option in modes that have no use for it. */
    void requireMode(String option, boolean useful, String modes) {
        if (given(option) && !useful) {
            throw new BadInputException(option + " is for --mode " + modes);
        }
    }

    boolean backward() {
        return problem.mode() == Mode.BACKWARD;
    }

    /** What must be given. */
    <V> V require(String option, V value) {
        if (value == null) {
            throw new BadInputException(option + " is missing; " + label + " must have it");
        }
        return value;
    }

    /** A technique with a value of the user's; without one, it keeps its own. */
    static <T, V> T with(T technique, V value, BiFunction<T, V, T> setter) {
        return value == null ? technique : setter.apply(technique, value);
    }

    /** A technique with the user's ε; without one, it keeps its own. */
    <T> T epsilon(T technique, BiFunction<T, Double, T> setter) {
        return with(technique, problem.epsilon(), setter);
    }

    /** Results are to be the same wherever this runs. */
    PlanOptions planOptions() {
        return with(PlanOptions.DEFAULT.exact(), problem.backend(), PlanOptions::backend);
    }

    /** Room for a result like x. */
    Tensor likeX() {
        return operands.like(x.spec());
    }

    /** The gradient of y, which must be there. */
    Tensor dy() {
        Tensor dy = operands.parameter("--dy", files.dy, x.spec());
        if (dy == null) {
            throw new BadInputException("--dy is missing; --mode backward must have it");
        }
        return dy;
    }

    /** The scale, or null. */
    Tensor scale(TensorSpec spec) {
        return operands.parameter("--scale", files.scale, spec);
    }

    /** γ per channel: gradients are of what is there, so for them it is 1 if the user gives none. */
    Tensor channelScale() {
        return channelParameter("--scale", files.scale, 1);
    }

    /** β per channel, likewise 0. */
    Tensor channelShift() {
        return channelParameter("--shift", files.shift, 0);
    }

    private Tensor channelParameter(String option, Path file, double forGradients) {
        return backward()
                ? operands.parameter(option, file, channels(), forGradients)
                : operands.parameter(option, file, channels());
    }

    /** Room for the gradient of a parameter; null if there is no parameter. */
    Tensor gradient(Tensor parameter) {
        return parameter == null ? null : operands.like(parameter.spec());
    }

    /** Spec of a parameter with one element per channel. */
    TensorSpec channels() {
        return vector(x.spec().channels());
    }

    /** Spec of a parameter with one axis. */
    TensorSpec vector(long length) {
        return TensorSpec.of(x.spec().type(), Layout.ROWS, length);
    }

    /** Running mean and variance, in f64; null if the user gives none. */
    Statistics running(TensorSpec spec) {
        if (files.runningMean == null && files.runningVar == null) {
            return null;
        }
        if (files.runningMean == null || files.runningVar == null) {
            throw new BadInputException((files.runningMean == null ? "--running-mean" : "--running-var")
                    + " is missing; running statistics must be both");
        }
        return Statistics.meanAndVariance(operands.statistic("--running-mean", files.runningMean, spec),
                operands.statistic("--running-var", files.runningVar, spec));
    }

    /** Running mean and variance per channel, which must be there. */
    Statistics runningToInfer() {
        Statistics running = running(channels());
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; --mode infer must have them");
        }
        return running;
    }

    /** Copies of them to update; null if the user gives none. */
    RunningStatistics updated(TensorSpec spec) {
        Statistics running = running(spec);
        return running == null
                ? null
                : new RunningStatistics(operands.copy(running.mean()), operands.copy(running.variance()),
                        batch.batches());
    }

    /** Runs what makes y of x and dx of dy, and has neither parameters nor statistics. */
    Results plain(BiConsumer<Tensor, Tensor> forward, BiConsumer<Tensor, Tensor> backward) {
        Tensor result = likeX();
        if (backward()) {
            backward.accept(dy(), result);
            return new Results().with("dx", result);
        }
        forward.accept(x, result);
        return new Results().with("y", result);
    }
}
