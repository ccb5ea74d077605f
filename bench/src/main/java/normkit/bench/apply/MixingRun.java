package normkit.bench.apply;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import normkit.RunningStatistics;
import normkit.bench.options.Mode;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

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
    static final String OPTIONS = "--scale --shift --eps --backend --running-variance " + BatchOptions.RUNNING;

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

    /** γ and β by name; null where there is none. */
    static Map<String, Tensor> affine(Run run) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put("scale", run.channelScale());
        parameters.put("shift", run.channelShift());
        return parameters;
    }

    /**
     * Runs.
     *
     * @param run what the user gives
     * @param parameters the parameters by name
     * @param maker makes the technique's parameters of those
     */
    Results run(Run run, Map<String, Tensor> parameters, Function<Map<String, Tensor>, P> maker) {
        run.requireMode("--running-mean", !run.backward(), "train or infer");
        run.requireMode("--running-var", !run.backward(), "train or infer");
        P given = maker.apply(parameters);
        if (run.problem.mode() == Mode.INFER) {
            return infer(run, given);
        }
        Tensor result = run.likeX();
        Statistics saved = newStatistics.get();
        RunningStatistics running = run.updated(run.channels());
        training.train(run.x, given, result, saved, running);
        if (!run.backward()) {
            return new Results().with("y", result).with(saved).with(running);
        }
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> gradients.put(name, run.gradient(parameter)));
        gradient.backward(run.dy(), run.x, given, saved, result, maker.apply(gradients));
        Results results = new Results().with("dx", result);
        gradients.forEach((name, tensor) -> results.with("d" + name, tensor));
        return results;
    }

    private Results infer(Run run, P given) {
        Statistics running = run.runningToInfer();
        Tensor y = run.likeX();
        inference.infer(run.x, given, running, y);
        return new Results().with("y", y);
    }
}
