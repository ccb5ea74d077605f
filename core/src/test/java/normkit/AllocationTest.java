package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Once warm, an execution allocates nothing. */
class AllocationTest {

    private static final int EXECUTIONS = 1000;
    private static final int LARGE_EXECUTIONS = 5;
    /** Warm is when the compilers have been through; they run beside the test, so it waits for them, up to a limit. */
    private static final int MOST_ROUNDS = 300;

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

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.andFused()) {
            for (Layout layout : subject.layouts()) {
                for (DataType type : DataType.values()) {
                    for (Memory memory : List.of(Memory.HEAP, Memory.NATIVE)) {
                        cases.add(Arguments.of(subject, layout, type, memory));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothingIsAllocatedPerExecution(Subject subject, Layout layout, DataType type, Memory memory) throws Throwable {
        TensorSpec x = switch (layout) {
            case ROWS -> TensorSpec.of(type, layout, 4, 40);
            case CHANNELS_FIRST -> TensorSpec.of(type, layout, 2, 6, 5, 4);
            case CHANNELS_LAST -> TensorSpec.of(type, layout, 2, 5, 4, 6);
        };
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(x)) {
            Runnable call = Call.of(subject, plan, memory, arena, 1).prepared();
            assertAllocatesNothing(call, EXECUTIONS);
        }
    }

    /** Several chunks per set, and a set whose squares overflow, which takes the slow path. */
    @ParameterizedTest
    @MethodSource("cases")
    void nothingIsAllocatedForLargeAndExtremeSets(Subject subject, Layout layout, DataType type, Memory memory)
            throws Throwable {
        TensorSpec x = switch (layout) {
            case ROWS -> TensorSpec.of(type, layout, 2, 70_000);
            case CHANNELS_FIRST -> TensorSpec.of(type, layout, 2, 3, 70_000);
            case CHANNELS_LAST -> TensorSpec.of(type, layout, 2, 70_000, 3);
        };
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(x)) {
            Call call = Call.of(subject, plan, memory, arena, 1);
            assertAllocatesNothing(call.prepared(), LARGE_EXECUTIONS);
            call.get("x").set(0, type == DataType.F32 ? 1e30 : 1e140);
            assertAllocatesNothing(call.prepared(), 1);
        }
    }

    static void assertAllocatesNothing(Runnable call, int executions) throws Throwable {
        long allocated = allocated(call, executions);
        for (int round = 1; round < MOST_ROUNDS && allocated > 0; round++) {
            allocated = allocated(call, executions);
        }
        assertEquals(0, allocated, "bytes allocated by " + executions + " executions");
    }

    private static long allocated(Runnable call, int executions) throws Throwable {
        long before = (long) ALLOCATED_BYTES.invokeExact();
        for (int i = 0; i < executions; i++) {
            call.run();
        }
        return (long) ALLOCATED_BYTES.invokeExact() - before;
    }
}
