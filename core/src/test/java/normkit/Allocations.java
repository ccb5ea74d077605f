package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What a thread allocates. */
public final class Allocations {

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

    private Allocations() {
    }

    /** Runs a call until it is warm, and then it allocates nothing. */
    public static void assertNone(Runnable call, int executions) throws Throwable {
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
