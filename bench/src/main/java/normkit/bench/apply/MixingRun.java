package normkit.bench.apply;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import normkit.RunningStatistics;
import normkit.bench.files.BadInputException;
import normkit.bench.options.Mode;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The modes of a technique that mixes the batch's statistics with others.
 *
 * @param <P> its parameters
 * @param newStatistics its plan's
 * @param training its plan's
 * @param inference its plan's
 * @param gradient its plan's
 */
record MixingRun<P>(Supplier<Statistics> newStatistics, Training<P> training, Inference<P> inference,
        Gradient<P> gradient) {

    /** What all of them read. */
    static final String OPTIONS = "--scale --shift --running-mean --running-var --momentum --momentum-of-old "
            + "--cumulative --batches --running-variance --eps --backend";

    /** Normalizes with the statistics of x. */
    interface Training<P> {
        void train(Tensor x, P parameters, Tensor y, Statistics save, RunningStatistics running);
    }

    /** Normalizes with running statistics in the batch's place. */
    interface Inference<P> {
        void infer(Tensor x, P parameters, Statistics running, Tensor y);
    }

    /** Computes the gradients. */
    interface Gradient<P> {
        void backward(Tensor dy, Tensor x, P parameters, Statistics saved, Tensor dx, P gradients);
    }

    /**
     * γ and β by name, if there are any: as gradients are wanted of what is there, they are 1 and 0 in their computation if
     * the user gives none.
     */
    static Map<String, Tensor> affine(Run run) {
        boolean always = run.backward();
        TensorSpec spec = channels(run);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        if (always || run.files.scale != null) {
            parameters.put("scale", run.operands.parameter("--scale", run.files.scale, spec, 1));
        }
        if (always || run.files.shift != null) {
            parameters.put("shift", run.operands.parameter("--shift", run.files.shift, spec, 0));
        }
        return parameters;
    }

    /** Spec of a parameter with one element per channel. */
    static TensorSpec channels(Run run) {
        return run.vector(run.x.spec().channels());
    }

    /**
     * Runs.
     *
     * @param run what the user gives
     * @param parameters the parameters by name
     * @param maker makes the technique's parameters of those
     */
    Results run(Run run, Map<String, Tensor> parameters, Function<Map<String, Tensor>, P> maker) {
        Run.requireMode("--running-mean", run.files.runningMean, !run.backward(), "train or infer");
        Run.requireMode("--running-var", run.files.runningVar, !run.backward(), "train or infer");
        P given = maker.apply(parameters);
        if (run.problem.mode() == Mode.INFER) {
            return infer(run, given);
        }
        Tensor result = run.likeX();
        Statistics saved = newStatistics.get();
        RunningStatistics running = run.updated(channels(run));
        training.train(run.x, given, result, saved, running);
        if (!run.backward()) {
            return new Results().with("y", result).with(saved).with(running);
        }
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> gradients.put(name, run.operands.like(parameter.spec())));
        gradient.backward(run.dy(), run.x, given, saved, result, maker.apply(gradients));
        Results results = new Results().with("dx", result);
        gradients.forEach((name, tensor) -> results.with("d" + name, tensor));
        return results;
    }

    private Results infer(Run run, P given) {
        Statistics running = run.running(channels(run));
        if (running == null) {
            throw new BadInputException("--running-mean and --running-var are missing; --mode infer must have them");
        }
        Tensor y = run.likeX();
        inference.infer(run.x, given, running, y);
        return new Results().with("y", y);
    }
}
