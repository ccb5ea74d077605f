package normkit.bench.cli;

import java.nio.file.Path;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of a technique that mixes the batch's statistics with others. */
abstract class MixingApplication implements AutoCloseable {

    final TechniqueRun in;

    MixingApplication(TechniqueRun in) {
        this.in = in;
    }

    abstract Statistics newStatistics();

    abstract void train(Tensor y, Statistics save, RunningStatistics running);

    abstract void infer(Statistics running, Tensor y);

    /** Computes dx, and adds the gradients of parameters. */
    abstract void backward(Tensor dy, Statistics saved, Tensor dx, Results results);

    @Override
    public abstract void close();

    final Results run() {
        if (in.backward() && (in.files().runningMean != null || in.files().runningVar != null)) {
            throw new BadInputException("--running-mean and --running-var are for --mode train or infer");
        }
        return switch (in.mode()) {
            case TRAIN -> train();
            case INFER -> infer();
            case BACKWARD -> backward();
        };
    }

    private Results train() {
        Tensor y = in.likeX();
        Statistics save = newStatistics();
        RunningStatistics running = updated();
        train(y, save, running);
        Results results = new Results().with("y", y).with("mean", save.mean()).with("var", save.variance());
        return running == null
                ? results
                : results.with("running_mean", running.statistics().mean()).with("running_var",
                        running.statistics().variance());
    }

    private Results infer() {
        Statistics running = running();
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; --mode infer must have them");
        }
        Tensor y = in.likeX();
        infer(running, y);
        return new Results().with("y", y);
    }

    private Results backward() {
        Tensor dy = in.dy();
        Tensor dx = in.likeX();
        Statistics saved = newStatistics();
        train(dx, saved, null);
        Results results = new Results().with("dx", dx);
        backward(dy, saved, dx, results);
        return results;
    }

    /** Room for the gradient of a parameter, or null if there is no such parameter. */
    final Tensor gradient(String name, Tensor parameter, Results results) {
        Tensor gradient = parameter == null ? null : in.like(parameter.spec());
        results.with(name, gradient);
        return gradient;
    }

    /** γ: gradients are of what is there, so for them it is 1 if the user gives none. */
    final Tensor scale() {
        return perChannel("--scale", in.files().scale, 1);
    }

    /** β, likewise 0. */
    final Tensor shift() {
        return perChannel("--shift", in.files().shift, 0);
    }

    private Tensor perChannel(String option, Path file, double forGradients) {
        return in.backward() ? parameter(option, file, channels(), forGradients) : in.read(option, file, channels());
    }

    /** A parameter that is the same number everywhere if the user gives none. */
    final Tensor parameter(String option, Path file, TensorSpec spec, double otherwise) {
        Tensor given = in.read(option, file, spec);
        if (given != null) {
            return given;
        }
        Tensor filled = in.like(spec);
        for (long i = 0; i < spec.elements(); i++) {
            filled.set(i, otherwise);
        }
        return filled;
    }

    /** One element per channel. */
    final TensorSpec channels() {
        return vector(in.x().spec().channels());
    }

    final TensorSpec vector(long length) {
        return TensorSpec.of(in.x().spec().type(), Layout.ROWS, length);
    }

    /** Running mean and variance; null if the user gives none. */
    private Statistics running() {
        FileOptions files = in.files();
        if (files.runningMean == null && files.runningVar == null) {
            return null;
        }
        if (files.runningMean == null || files.runningVar == null) {
            throw new BadInputException((files.runningMean == null ? "--running-mean" : "--running-var")
                    + " is missing; running statistics must be both");
        }
        return Statistics.meanAndVariance(in.statistic("--running-mean", files.runningMean, channels()),
                in.statistic("--running-var", files.runningVar, channels()));
    }

    /** Copies to update, since what is read cannot be written. */
    private RunningStatistics updated() {
        Statistics running = running();
        return running == null
                ? null
                : new RunningStatistics(copy(running.mean()), copy(running.variance()), in.batch().batches());
    }

    private Tensor copy(Tensor from) {
        Tensor copy = in.like(from.spec());
        for (long i = 0; i < from.spec().elements(); i++) {
            copy.set(i, from.get(i));
        }
        return copy;
    }
}
