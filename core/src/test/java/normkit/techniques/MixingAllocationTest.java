package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import normkit.PlanOptions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once warm, an execution allocates nothing. */
class MixingAllocationTest {

    private static final int EXECUTIONS = 1000;
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

    @ParameterizedTest
    @EnumSource(Subject.Technique.class)
    void nothingIsAllocatedPerExecution(Subject.Technique technique) throws Throwable {
        for (DataType type : DataType.values()) {
            check(technique, TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 6, 5, 4));
            check(technique, TensorSpec.of(type, Layout.CHANNELS_LAST, 2, 5, 4, 6));
        }
    }

    private static void check(Subject.Technique technique, TensorSpec spec) throws Throwable {
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT, Tensor::allocate)) {
            assertAllocatesNothing(subject);
        }
        try (Arena arena = Arena.ofConfined();
                Subject subject = technique.on(spec, PlanOptions.DEFAULT, each -> Tensor.allocate(each, arena))) {
            assertAllocatesNothing(subject);
        }
    }

    private static void assertAllocatesNothing(Subject subject) throws Throwable {
        long allocated = allocated(subject);
        for (int round = 1; round < MOST_ROUNDS && allocated > 0; round++) {
            allocated = allocated(subject);
        }
        assertEquals(0, allocated, "bytes allocated by " + EXECUTIONS + " executions");
    }

    private static long allocated(Subject subject) throws Throwable {
        long before = (long) ALLOCATED_BYTES.invokeExact();
        for (int i = 0; i < EXECUTIONS; i++) {
            subject.forward(subject.out("y"));
            subject.infer(subject.out("y"));
            subject.backward(subject.out("dx"));
        }
        return (long) ALLOCATED_BYTES.invokeExact() - before;
    }
}
