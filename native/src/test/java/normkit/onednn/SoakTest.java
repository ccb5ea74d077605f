package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** Many plans one after another leave nothing behind; many threads on one plan do not disturb each other. */
class SoakTest {

    @Test
    void manyPlansLeaveNothingBehind() {
        // A small heap that is touched at once leaves native memory as all that can grow.
        String output = new ChildJvm(ManyPlans.class)
                .with("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC").run();
        long[] kilobytes = output.lines().mapToLong(Long::parseLong).toArray();
        assertEquals(2, kilobytes.length, output);
        assertTrue(kilobytes[1] - kilobytes[0] < 20_000, "resident kB after 10,000 and after 100,000 plans: " + output);
    }

    /**
     * Makes, runs and closes 50,000 plans to either direction; prints the resident memory after the first tenth and
     * at the end.
     */
    static final class ManyPlans {

        private ManyPlans() {
        }

        public static void main(String[] arguments) throws IOException {
            OneDnnBackend backend = new OneDnnBackend();
            backend.probe();
            for (int i = 1; i <= 50_000; i++) {
                run(backend, TensorSpec.rows(2, 16 + i % 7));
                if (i == 5_000 || i == 50_000) {
                    System.out.println(resident());
                }
            }
        }

        private static void run(OneDnnBackend backend, TensorSpec spec) {
            Problem forward = new Problem(Operation.LAYER_NORM, Pass.FORWARD, spec, 1, 0, true, true, 1e-5);
            Problem backward = new Problem(Operation.LAYER_NORM, Pass.BACKWARD, spec, 1, 0, false, true, 1e-5);
            Tensor x = Tensor.allocate(spec);
            Tensor scale = Tensor.allocate(forward.parameterSpec());
            Statistics statistics = Statistics.allocate(forward.statisticsSpec());
            try (Execution execution = backend.prepare(forward)) {
                execution.forward(x, scale, scale, statistics, x);
            }
            try (Execution execution = backend.prepare(backward)) {
                execution.backward(x, x, null, statistics, x, scale, null);
            }
        }

        private static long resident() throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
        }
    }

    @Test
    void manyThreadsOnOnePlan() throws Exception {
        TensorSpec x = TensorSpec.channelsLast(4, 9, 16);
        Problem problem = new Problem(Operation.BATCH_NORM, Pass.FORWARD, x, 0, 0, true, true, 1e-5);
        int threads = 8;
        try (Execution execution = new OneDnnBackend().prepare(problem);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Random random = new Random(t);
                tasks.add(() -> repeat(execution, problem, random));
            }
            for (Future<Void> result : pool.invokeAll(tasks)) {
                result.get();
            }
        }
    }

    @Test
    void closingUnderRunningThreadsIsSafe() throws Exception {
        TensorSpec x = TensorSpec.rows(4, 64);
        Problem problem = new Problem(Operation.LAYER_NORM, Pass.FORWARD, x, 1, 0, false, false, 1e-5);
        OneDnnBackend backend = new OneDnnBackend();
        int threads = 4;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 50; round++) {
                Execution execution = backend.prepare(problem);
                CountDownLatch running = new CountDownLatch(threads);
                List<Future<?>> results = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    results.add(pool.submit(() -> runUntilClosed(execution, problem, running)));
                }
                running.await();
                execution.close();
                for (Future<?> result : results) {
                    result.get();
                }
            }
        }
    }

    /** Ends by the exception that says so; anything else would be a crash. */
    private static void runUntilClosed(Execution execution, Problem problem, CountDownLatch running) {
        Tensor x = Tensor.allocate(problem.x());
        Tensor y = Tensor.allocate(problem.x());
        execution.forward(x, null, null, Statistics.NONE, y);
        running.countDown();
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> {
            while (true) {
                execution.forward(x, null, null, Statistics.NONE, y);
            }
        });
        assertEquals("the execution is closed", closed.getMessage());
    }

    private static Void repeat(Execution execution, Problem problem, Random random) {
        Tensor x = Tensors.HEAP.random(problem.x(), null, random, 0, 1);
        Tensor scale = Tensors.HEAP.random(problem.parameterSpec(), null, random, 0, 1);
        Tensor shift = Tensors.HEAP.random(problem.parameterSpec(), null, random, 0, 1);
        Statistics statistics = Tensors.statistics(problem);
        Tensor expected = Tensors.HEAP.make(problem.x(), null);
        try (Execution own = new OneDnnBackend().prepare(problem)) {
            own.forward(x, scale, shift, Statistics.NONE, expected);
        }
        for (int i = 0; i < 2_000; i++) {
            Tensor y = Tensors.HEAP.make(problem.x(), null);
            execution.forward(x, scale, shift, statistics, y);
            for (int j = 0; j < problem.x().elements(); j++) {
                assertEquals(expected.get(j), y.get(j));
            }
        }
        return null;
    }
}
