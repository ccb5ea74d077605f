package normkit.bench.cli;

import java.nio.file.Path;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of a technique with parameters and running statistics per channel. */
abstract class ChannelApplication {

    final TechniqueRun in;

    ChannelApplication(TechniqueRun in) {
        this.in = in;
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
    final Statistics running() {
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
    final RunningStatistics updated() {
        Statistics running = running();
        return running == null
                ? null
                : new RunningStatistics(copy(running.mean()), copy(running.variance()), in.batch().batches());
    }

    final Tensor copy(Tensor from) {
        Tensor copy = in.like(from.spec());
        for (long i = 0; i < from.spec().elements(); i++) {
            copy.set(i, from.get(i));
        }
        return copy;
    }
}
