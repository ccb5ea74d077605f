package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import normkit.PlanOptions;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every technique over channels: the same bits wherever and by however many it is computed. */
class ChannelTechniquesTest {

    private static final PlanOptions OPTIONS = PlanOptions.DEFAULT;
    private static final int EXECUTIONS = 200;
    private static final int MOST_ROUNDS = 300;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Exercise exercise : Exercise.values()) {
            for (TensorSpec spec : Given.specs()) {
                cases.add(Arguments.of(exercise, spec));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void memoryChangesNoBit(Exercise exercise, TensorSpec x) {
        long[] heap = exercise.bits(x, null, false, OPTIONS);
        assertArrayEquals(heap, exercise.bits(x, null, true, OPTIONS), "in place");
        try (Arena arena = Arena.ofConfined()) {
            assertArrayEquals(heap, exercise.bits(x, arena, false, OPTIONS), "native");
            assertArrayEquals(heap, exercise.bits(x, arena, true, OPTIONS), "native in place");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void threadsChangeNoBit(Exercise exercise, TensorSpec x) {
        long[] one = exercise.bits(x, null, false, OPTIONS);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            assertArrayEquals(one, exercise.bits(x, null, true, OPTIONS.parallel(pool, 3)));
        }
    }

    private static final MethodHandle ALLOCATED_BYTES = allocatedBytes();

    /** {@code com.sun.management.ThreadMXBean}'s getCurrentThreadAllocatedBytes, in a module normkit does not read. */
    private static MethodHandle allocatedBytes() {
        try {
            Class<?> threads = Class.forName("com.sun.management.ThreadMXBean");
            Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
            Object bean = factory.getMethod("getThreadMXBean").invoke(null);
            return MethodHandles.publicLookup()
                    .findVirtual(threads, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
                    .bindTo(bean);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static List<Arguments> smallCases() {
        return cases().stream().filter(c -> ((TensorSpec) c.get()[1]).elements() < 1000).toList();
    }

    @ParameterizedTest
    @MethodSource("smallCases")
    void onceWarmAStepAllocatesNothing(Exercise exercise, TensorSpec x) throws Throwable {
        for (boolean nativeMemory : new boolean[] {false, true}) {
            try (Arena arena = Arena.ofConfined();
                    Exercise.Step step = exercise.prepare(new Given(x, nativeMemory ? arena : null, false, OPTIONS))) {
                long allocated = allocated(step);
                for (int round = 1; round < MOST_ROUNDS && allocated > 0; round++) {
                    allocated = allocated(step);
                }
                assertEquals(0, allocated, "bytes allocated by " + EXECUTIONS + " steps");
            }
        }
    }

    private static long allocated(Exercise.Step step) throws Throwable {
        long before = (long) ALLOCATED_BYTES.invokeExact();
        for (int i = 0; i < EXECUTIONS; i++) {
            step.run();
        }
        return (long) ALLOCATED_BYTES.invokeExact() - before;
    }
}
