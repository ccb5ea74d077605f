package normkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One plan serves many threads at once. */
class ConcurrencyTest {

    private static final int THREADS = 8;
    private static final int ROUNDS = 20;

    @ParameterizedTest
    @MethodSource("normkit.IdentityTest#cases")
    void manyThreadsGetTheBitsOneGets(Subject subject, TensorSpec x) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS); Plan plan = subject.plan(x)) {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int seed = 0; seed < THREADS; seed++) {
                Call alone = Call.of(subject, plan, Memory.HEAP, null, seed);
                Call crowded = Call.of(subject, plan, Memory.HEAP, null, seed);
                for (int round = 0; round < ROUNDS; round++) {
                    alone.run();
                }
                Map<String, long[]> expected = alone.bits();
                tasks.add(() -> {
                    start.await();
                    for (int round = 0; round < ROUNDS; round++) {
                        crowded.run();
                    }
                    crowded.assertOutputs(expected);
                    return null;
                });
            }
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        }
    }
}
