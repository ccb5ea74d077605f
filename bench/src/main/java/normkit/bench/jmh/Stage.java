package normkit.bench.jmh;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import normkit.PlanOptions;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Where one technique is set up: the same x and gradient of y every time, room for what it computes, and, once it is set up,
 * its passes.
 */
final class Stage implements AutoCloseable {

    final TensorSpec spec;
    final PlanOptions options;
    final Tensors tensors = new Tensors(Home.SHARED);
    final Tensor x;
    final Tensor dy;
    final Tensor y;
    final Tensor dx;

    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Map<String, Supplier<double[]>> formulas = new LinkedHashMap<>();
    private Runnable forward;
    private Runnable backward;
    private Runnable close = () -> {};

    Stage(TensorSpec spec, PlanOptions options) {
        this.spec = spec;
        this.options = options;
        x = tensors.filled(spec);
        dy = tensors.filled(spec);
        y = output("y", spec);
        dx = output("dx", spec);
    }

    /** Room for a result. */
    Tensor output(String name, TensorSpec of) {
        Tensor tensor = tensors.zeros(of);
        outputs.put(name, tensor);
        return tensor;
    }

    /** A tensor like a result, with given values. */
    Tensor tensor(String output, double[] values) {
        Tensor tensor = tensors.zeros(outputs.get(output).spec());
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
        return tensor;
    }

    /** A parameter with one element per channel. */
    Tensor perChannel() {
        return tensors.filled(channels());
    }

    TensorSpec channels() {
        return TensorSpec.rows(spec.channels());
    }

    /** Sets the passes; there is no backward one if it is null. */
    void passes(Runnable newForward, Runnable newBackward) {
        forward = newForward;
        backward = newBackward;
    }

    /** Sets what frees the plan. */
    void closing(Runnable newClose) {
        close = newClose;
    }

    /** Sets what a result must be, by a formula that shares nothing with the library; it is computed when it is asked for. */
    void expect(String output, Supplier<double[]> formula) {
        formulas.put(output, formula);
    }

    Runnable forward() {
        return forward;
    }

    /** The backward pass, which needs what a forward one saves; null if there is none. */
    Runnable backward() {
        return backward;
    }

    Map<String, Tensor> outputs() {
        return outputs;
    }

    Map<String, Supplier<double[]>> formulas() {
        return formulas;
    }

    /** Frees everything. */
    @Override
    public void close() {
        close.run();
        tensors.close();
    }
}
