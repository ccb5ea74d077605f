package normkit.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One execution serves several threads, each with tensors of its own, which move about. */
class ConcurrencyTest {

    private static final Problem PROBLEM =
            new Problem(Operation.LAYER_NORM, Pass.FORWARD, TensorSpec.rows(37, 129), 1, 0, false, false, 1e-5);
    private static final int THREADS = 4;
    private static final int RUNS = 200;

    static List<Backend> peers() {
        return List.of(new LoopBackend(), new TorchBackend(), new OrtBackend());
    }

    @ParameterizedTest
    @MethodSource("peers")
    void threadsDoNotDisturbEachOther(Backend peer) throws Exception {
        assertInstanceOf(Availability.Available.class, peer.probe());
        try (Execution execution = peer.prepare(PROBLEM); ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                long seed = t;
                all.add(threads.submit(() -> check(execution, seed)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static void check(Execution execution, long seed) {
        Random random = new Random(seed);
        float[] x = new float[(int) PROBLEM.x().elements()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian(seed, 1);
        }
        float[] first = run(execution, x);
        for (int i = 0; i < RUNS; i++) {
            assertArrayEquals(first, run(execution, x));
        }
    }

    private static float[] run(Execution execution, float[] x) {
        float[] y = new float[x.length];
        execution.forward(Tensor.of(PROBLEM.x(), x), null, null, Statistics.NONE, Tensor.of(PROBLEM.x(), y));
        return y;
    }
}
