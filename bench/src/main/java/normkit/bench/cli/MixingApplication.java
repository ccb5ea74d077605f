package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** One run of a technique that mixes the batch's statistics with others. */
abstract class MixingApplication extends ChannelApplication implements AutoCloseable {

    MixingApplication(TechniqueRun in) {
        super(in);
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
}
