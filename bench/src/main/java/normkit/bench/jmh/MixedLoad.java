package normkit.bench.jmh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * What a process may run besides: every operation, pass, layout, element type and kind of memory, on several threads, in no
 * particular order. Each result is verified.
 */
final class MixedLoad {

    private static final int THREADS = 3;
    private static final int ROUNDS = 3;
    private static final int GROUPS = 4;

    private final String backend;
    private final long nanos;

    private MixedLoad(String backend, Duration each) {
        this.backend = backend;
        this.nanos = each.toNanos();
    }

    /**
     * Runs it.
     *
     * @param backend name of the backend that runs everything
     * @param each how long each problem runs in each of {@value #ROUNDS} rounds; at least once
     * @throws InterruptedException if waiting for its end is interrupted
     * @throws IllegalStateException if a result is wrong
     */
    static void run(String backend, Duration each) throws InterruptedException {
        MixedLoad load = new MixedLoad(backend, each);
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random order = new Random(thread);
                ends.add(threads.submit(() -> load.run(order)));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a mixed load failed", e.getCause());
        }
    }

    private void run(Random order) {
        List<Exercise> exercises = new ArrayList<>();
        try {
            for (Problem problem : problems()) {
                for (Home home : Home.values()) {
                    // Threads can share what is no thread's own.
                    exercises.add(Exercise.of(problem, backend, THREADS, home == Home.SHARED ? 2 : 1, home));
                }
            }
            for (int round = 0; round < ROUNDS; round++) {
                Collections.shuffle(exercises, order);
                exercises.forEach(this::repeat);
            }
        } finally {
            exercises.forEach(Exercise::close);
        }
    }

    private void repeat(Exercise exercise) {
        long start = System.nanoTime();
        do {
            exercise.run();
        } while (System.nanoTime() - start < nanos);
    }

    private static List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (Operation operation : Operation.values()) {
                for (Layout layout : Layout.values()) {
                    if (Workload.rowwise(operation) == (layout == Layout.ROWS)) {
                        passes(operation).forEach(pass -> problems.add(Workload.problem(operation, pass,
                                spec(layout).as(type), operation == Operation.GROUP_NORM ? GROUPS : 0)));
                    }
                }
            }
        }
        return problems;
    }

    private static List<Pass> passes(Operation operation) {
        return operation == Operation.BATCH_NORM ? List.of(Pass.values()) : List.of(Pass.FORWARD, Pass.BACKWARD);
    }

    /** Neither lengths nor numbers of channels are multiples of a vector's. */
    private static TensorSpec spec(Layout layout) {
        return switch (layout) {
            case ROWS -> TensorSpec.rows(10, 1100);
            case CHANNELS_FIRST -> TensorSpec.channelsFirst(2, 12, 30, 20);
            case CHANNELS_LAST -> TensorSpec.channelsLast(2, 30, 20, 12);
        };
    }
}
