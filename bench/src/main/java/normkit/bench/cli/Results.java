package normkit.bench.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import normkit.tensor.Tensor;

/**
 * What an application computed.
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
}
