package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import normkit.scalar.ScalarBackend;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients of more parameters than one task stores. */
class WorkerTest {

    private static final int PARAMETERS = 150_001;

    /** With a mean of 0, a deviation of 1 and small whole numbers everything is exact; a second run adds to nothing. */
    @ParameterizedTest
    @CsvSource({"F32,1", "F32,3", "F64,1", "F64,3"})
    void gradientsOfManyParametersComeToTheirPlaces(DataType type, int threads) {
        TensorSpec rows = TensorSpec.rows(2, PARAMETERS).as(type);
        Problem problem = new Problem(Operation.LAYER_NORM, Pass.BACKWARD, rows, 1, 0, true, true, 0);
        try (Arena arena = Arena.ofShared(); ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Tensor x = Tensor.allocate(rows, arena);
            Tensor dy = Tensor.allocate(rows, arena);
            for (int i = 0; i < 2 * PARAMETERS; i++) {
                x.set(i, i % 13 - 6);
                dy.set(i, i % 17 - 8);
            }
            Tensor rstd = Tensor.allocate(problem.statisticsSpec(), arena);
            rstd.set(0, 1);
            rstd.set(1, 1);
            Statistics statistics = new Statistics(Tensor.allocate(problem.statisticsSpec(), arena), null, rstd);
            Tensor dscale = Tensor.allocate(problem.parameterSpec(), arena);
            Tensor dshift = Tensor.allocate(problem.parameterSpec(), arena);
            Parallelism parallelism = threads == 1 ? Parallelism.NONE : new Parallelism(pool, threads);
            KernelExecution execution = new KernelExecution(problem, new ScalarBackend(), parallelism);
            for (int run = 0; run < 2; run++) {
                execution.backward(dy, x, Tensor.allocate(problem.parameterSpec(), arena), statistics, null, dscale,
                        dshift);
            }
            for (int i = 0; i < PARAMETERS; i++) {
                int j = i + PARAMETERS;
                assertEquals(dy.get(i) + dy.get(j), dshift.get(i));
                assertEquals(dy.get(i) * x.get(i) + dy.get(j) * x.get(j), dscale.get(i));
            }
        }
    }
}
