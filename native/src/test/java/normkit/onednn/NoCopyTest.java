package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Native tensors are used where they are, and runs allocate nothing once they are warm. */
class NoCopyTest {

    private static final Problem FORWARD = problem(Pass.FORWARD);
    private static final Problem BACKWARD = problem(Pass.BACKWARD);

    private static Problem problem(Pass pass) {
        return new Problem(Operation.LAYER_NORM, pass, TensorSpec.rows(3, 48), 1, 0, true, true, 1e-5);
    }

    @Test
    void nativeTensorsAreUsedWhereTheyAre() {
        try (Primitive primitive = new Primitive(Description.of(FORWARD, 1).orElseThrow());
                Scope scope = new Scope();
                Arena arena = Arena.ofConfined()) {
            Slot slot = new Slot(primitive, dnnl.DNNL_ARG_SRC, scope);
            Tensor tensor = Tensors.NATIVE.make(FORWARD.x(), arena);
            slot.read(tensor);
            assertEquals(tensor.segment().address(), handle(slot.memory()));
            slot.write(tensor);
            slot.finishWriting(tensor);
            assertEquals(tensor.segment().address(), handle(slot.memory()));

            slot.read(Tensors.HEAP.make(FORWARD.x(), arena));
            long buffer = handle(slot.memory());
            assertNotEquals(tensor.segment().address(), buffer);
            assertEquals(0, buffer % 64);
            slot.write(Tensors.HEAP.make(FORWARD.x(), arena));
            assertEquals(buffer, handle(slot.memory()), "the buffer is kept");
        }
    }

    private static long handle(dnnl_memory memory) {
        Address handle = new Address(0);
        Status.check(dnnl.dnnl_memory_get_data_handle(memory, handle), "get a data handle");
        return handle.address();
    }

    @ParameterizedTest
    @EnumSource
    void runsAllocateNothing(Tensors tensors) {
        OneDnnBackend backend = new OneDnnBackend();
        try (Arena arena = Arena.ofConfined();
                Execution forward = backend.prepare(FORWARD);
                Execution backward = backend.prepare(BACKWARD)) {
            Tensor x = tensors.make(FORWARD.x(), arena);
            Tensor y = tensors.make(FORWARD.x(), arena);
            Tensor scale = tensors.make(FORWARD.parameterSpec(), arena);
            Tensor gradient = tensors.make(FORWARD.parameterSpec(), arena);
            Statistics statistics = Tensors.statistics(FORWARD);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = 1;
            // How many runs it takes to be warm is the compiler's business.
            for (int round = 0; round < 200 && allocated > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1000; i++) {
                    forward.forward(x, scale, scale, statistics, y);
                    backward.backward(x, x, scale, statistics, y, gradient, null);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(allocated == 0, allocated + " bytes in 1,000 runs to either direction");
        }
    }
}
