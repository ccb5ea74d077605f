package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sharing an execution among threads changes no bit, and nothing an executor does can stop or spoil it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ParallelTest {

    private static final List<Integer> DEGREES = List.of(1, 2, 3, 8, 64);
    private static final PlanOptions SCALAR = PlanOptions.DEFAULT.backend("scalar");

    /** Few large sets, many small ones, many samples, many rows whose parameters' gradients are summed. */
    private static List<long[]> shapes(Layout layout) {
        return switch (layout) {
            case ROWS -> List.of(new long[] {1, 300_001}, new long[] {2, 100_000}, new long[] {2500, 33},
                    new long[] {40_000, 3}, new long[] {0, 4});
            case CHANNELS_FIRST -> List.of(new long[] {2, 3, 211, 130}, new long[] {1, 3, 400, 301},
                    new long[] {150, 6, 37}, new long[] {9, 66, 3, 3}, new long[] {3000, 6});
            case CHANNELS_LAST -> List.of(new long[] {2, 211, 130, 3}, new long[] {150, 37, 6}, new long[] {3000, 66},
                    new long[] {1, 90, 90, 33});
        };
    }

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.andFused()) {
            for (Layout layout : subject.layouts()) {
                for (DataType type : DataType.values()) {
                    shapes(layout).forEach(s -> cases.add(Arguments.of(subject, TensorSpec.of(type, layout, s))));
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyDegreeGivesTheBitsOfOneThread(Subject subject, TensorSpec x) {
        Map<String, long[]> expected = bits(subject, x, SCALAR, Memory.HEAP);
        for (int degree : DEGREES) {
            try (ExecutorService pool = Executors.newFixedThreadPool(degree)) {
                Memory memory = degree % 2 == 0 ? Memory.NATIVE : Memory.HEAP;
                equal(subject, expected, bits(subject, x, SCALAR.parallel(late(pool), degree), memory));
            }
        }
    }

    private static Map<String, long[]> bits(Subject subject, TensorSpec x, PlanOptions options, Memory memory) {
        try (Arena arena = Arena.ofShared(); Plan plan = subject.plan(x, options)) {
            Call call = Call.of(subject, plan, memory, arena, 5);
            call.run();
            return call.bits();
        }
    }

    private static void equal(Subject subject, Map<String, long[]> expected, Map<String, long[]> actual) {
        for (String output : subject.outputs()) {
            assertArrayEquals(expected.get(output), actual.get(output), () -> subject + ": " + output);
        }
    }

    /** Begins some tasks late, so that threads take the parts in ever other ways. */
    private static Executor late(Executor executor) {
        SplittableRandom random = new SplittableRandom(7);
        return task -> {
            int delay = random.nextInt(3) * 20_000;
            executor.execute(() -> {
                for (long end = System.nanoTime() + delay; System.nanoTime() < end;) {
                    Thread.onSpinWait();
                }
                task.run();
            });
        };
    }

    /** One of each way to divide: sets, the inside of a set, matrices, the inside of a matrix. */
    static List<Arguments> waysToDivide() {
        Subject forward = new Subject(Operation.LAYER_NORM, Pass.FORWARD);
        Subject batch = new Subject(Operation.BATCH_NORM, Pass.BACKWARD);
        Subject instance = new Subject(Operation.INSTANCE_NORM, Pass.FORWARD);
        return List.of(Arguments.of(forward, TensorSpec.rows(2500, 33)),
                Arguments.of(forward, TensorSpec.rows(1, 300_001)),
                Arguments.of(batch, TensorSpec.channelsLast(1, 90, 90, 33)),
                Arguments.of(instance, TensorSpec.channelsLast(150, 37, 6)));
    }

    @ParameterizedTest
    @MethodSource("waysToDivide")
    void severalThreadsTakePart(Subject subject, TensorSpec x) {
        Set<Thread> helpers = ConcurrentHashMap.newKeySet();
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            bits(subject, x, SCALAR.parallel(task -> pool.execute(() -> {
                helpers.add(Thread.currentThread());
                task.run();
            }), 3), Memory.HEAP);
        }
        assertFalse(helpers.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("waysToDivide")
    void anExecutorThatDoesNothingOrRejectsOrRunsAtOnceOnlyCostsSpeed(Subject subject, TensorSpec x) {
        Map<String, long[]> expected = bits(subject, x, SCALAR, Memory.HEAP);
        Executor idle = task -> {};
        Executor rejecting = task -> {
            throw new RejectedExecutionException("full");
        };
        for (Executor executor : List.of(idle, rejecting, (Executor) Runnable::run)) {
            equal(subject, expected, bits(subject, x, SCALAR.parallel(executor, 4), Memory.HEAP));
        }
    }

    @ParameterizedTest
    @MethodSource("waysToDivide")
    void tasksThatRunAfterTheEndTouchNothing(Subject subject, TensorSpec x) {
        List<Runnable> kept = new ArrayList<>();
        try (Plan plan = subject.plan(x, SCALAR.parallel(kept::add, 4))) {
            Call call = Call.of(subject, plan);
            call.run();
            Map<String, long[]> before = call.bits();
            kept.forEach(Runnable::run);
            call.assertUnchanged(before);
        }
        assertFalse(kept.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("waysToDivide")
    void itMayBeCalledFromAllThreadsOfItsOwnPool(Subject subject, TensorSpec x) throws Exception {
        Map<String, long[]> expected = bits(subject, x, SCALAR, Memory.HEAP);
        for (ExecutorService pool : List.of(Executors.newFixedThreadPool(2), new ForkJoinPool(2))) {
            try (pool; Plan plan = subject.plan(x, SCALAR.parallel(pool, 4))) {
                List<Callable<Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    tasks.add(() -> {
                        Call call = Call.of(subject, plan, Memory.HEAP, null, 5);
                        call.run();
                        call.assertOutputs(expected);
                        return null;
                    });
                }
                for (Future<Void> task : pool.invokeAll(tasks)) {
                    task.get();
                }
            }
        }
    }

    @Test
    void interruptionLeavesARightResultAndIsKept() {
        Subject subject = new Subject(Operation.LAYER_NORM, Pass.FORWARD);
        TensorSpec x = TensorSpec.rows(2500, 33);
        Map<String, long[]> expected = bits(subject, x, SCALAR, Memory.HEAP);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Thread.currentThread().interrupt();
            equal(subject, expected, bits(subject, x, SCALAR.parallel(pool, 3), Memory.HEAP));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void whatTheExecutorThrowsReachesTheCallerAndTheNextRunIsRight() throws Exception {
        Subject subject = new Subject(Operation.LAYER_NORM, Pass.FORWARD);
        TensorSpec x = TensorSpec.rows(2500, 33);
        Map<String, long[]> expected = bits(subject, x, SCALAR, Memory.HEAP);
        IllegalStateException thrown = new IllegalStateException("broken");
        boolean[] broken = {true};
        CountDownLatch begun = new CountDownLatch(1);
        try (ExecutorService pool = Executors.newFixedThreadPool(2);
                Plan plan = subject.plan(x, SCALAR.parallel(task -> {
                    if (broken[0] && begun.getCount() == 0) {
                        throw thrown;
                    }
                    begun.countDown();
                    pool.execute(task);
                }, 3))) {
            Call call = Call.of(subject, plan, Memory.HEAP, null, 5);
            assertSame(thrown, assertThrows(IllegalStateException.class, call::run));
            broken[0] = false;
            call.run();
            call.assertOutputs(expected);
        }
    }

    @Test
    void memoryOfOneThreadIsRefusedBeforeAnythingIsWritten() {
        Subject subject = new Subject(Operation.LAYER_NORM, Pass.FORWARD);
        try (Arena confined = Arena.ofConfined();
                Plan plan = subject.plan(TensorSpec.rows(2500, 33), SCALAR.parallel(Runnable::run, 2))) {
            Call call = Call.of(subject, plan);
            Call bad = call.with("y", Memory.NATIVE.allocate(call.specOf("y"), confined));
            Map<String, long[]> before = bad.bits();
            String message = assertThrows(IllegalStateException.class, bad::run).getMessage();
            assertTrue(message.startsWith("y is ") && message.contains("not confined"), message);
            bad.assertUnchanged(before);
        }
    }

    @Test
    void theDegreeIsChecked() {
        for (int degree : List.of(0, -1, 65)) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> PlanOptions.DEFAULT.parallel(Runnable::run, degree)).getMessage();
            assertEquals("degree is " + degree + "; it must be 1 to 64", message);
        }
        assertThrows(NullPointerException.class, () -> PlanOptions.DEFAULT.parallel(null, 2));
    }
}
