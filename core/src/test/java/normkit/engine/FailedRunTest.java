package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import normkit.scalar.ScalarBackend;
import normkit.spi.ColumnKernels;
import normkit.spi.KernelProvider;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** A run may fail half way, as when another thread closes an arena; the next one must not notice. */
class FailedRunTest {

    private static final TensorSpec ROWS = TensorSpec.rows(64, 40);
    private static final TensorSpec PARAMETERS = TensorSpec.rows(40);

    /** The scalar kernels, of which the last step of the gradient fails when told to. */
    private static final class Fragile implements KernelProvider {

        private final ScalarBackend scalar = new ScalarBackend();
        private final AtomicBoolean fails = new AtomicBoolean();

        @Override
        public RunKernels runs(DataType type) {
            RunKernels kernels = scalar.runs(type);
            Class<?>[] types = {RunKernels.class};
            return (RunKernels) Proxy.newProxyInstance(RunKernels.class.getClassLoader(), types,
                    (proxy, method, arguments) -> {
                        if (fails.get() && method.getName().equals("gradientApply")) {
                            throw new IllegalStateException("Already closed");
                        }
                        try {
                            return method.invoke(kernels, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public ColumnKernels columns(DataType type) {
            return scalar.columns(type);
        }
    }

    @Test
    void theRunAfterAFailedOneIsRight() {
        Tensor x = Tensor.allocate(ROWS);
        for (int i = 0; i < ROWS.elements(); i++) {
            x.set(i, i % 11);
        }
        Fragile kernels = new Fragile();
        Problem problem = new Problem(Operation.LAYER_NORM, Pass.BACKWARD, ROWS, 1, 0, true, true, 1e-5);
        try (KernelExecution execution = new KernelExecution(problem, kernels, Parallelism.NONE)) {
            float[] expected = dscale(execution, x);
            kernels.fails.set(true);
            assertThrows(IllegalStateException.class, () -> dscale(execution, x));
            kernels.fails.set(false);
            assertArrayEquals(expected, dscale(execution, x));
        }
    }

    private static float[] dscale(KernelExecution execution, Tensor x) {
        Tensor scale = Tensor.allocate(PARAMETERS);
        Tensor statistic = Tensor.allocate(TensorSpec.rows(64));
        for (int i = 0; i < 64; i++) {
            statistic.set(i, 1);
        }
        Tensor dscale = Tensor.allocate(PARAMETERS);
        Statistics statistics = Statistics.meanAndRstd(statistic, statistic);
        execution.backward(x, x, scale, statistics, Tensor.allocate(ROWS), dscale, null);
        return dscale.floats();
    }
}
