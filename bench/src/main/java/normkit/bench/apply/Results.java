package normkit.bench.apply;

import java.util.LinkedHashMap;
import java.util.Map;
import normkit.RunningStatistics;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * What a run computed.
 *
 * @param tensors the results by name
 */
record Results(Map<String, Tensor> tensors) {

    Results() {
        this(new LinkedHashMap<>());
    }

    /** Adds a result if there is one. */
    Results with(String name, Tensor tensor) {
        if (tensor != null) {
            tensors.put(name, tensor);
        }
        return this;
    }

    /** Adds those of the three there are. */
    Results with(Statistics saved) {
        return with("mean", saved.mean()).with("var", saved.variance()).with("rstd", saved.rstd());
    }

    /** Adds running statistics if there are any. */
    Results with(RunningStatistics running) {
        return running == null
                ? this
                : with("running_mean", running.statistics().mean()).with("running_var",
                        running.statistics().variance());
    }
}
