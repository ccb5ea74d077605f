package normkit.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * One argument of a primitive: tells oneDNN where a tensor is. Native tensors are used where they are; arrays, and
 * native memory that is not aligned as the instruction set needs it, go through a buffer that is made when first needed
 * and kept.
 */
final class Slot {

    private final int argument;
    private final Arena arena;
    private final int alignment;
    private final long bytes;
    private final dnnl_memory memory = new dnnl_memory();
    private final Address address = new Address(0);
    private MemorySegment buffer;

    /**
     * Makes a slot.
     *
     * @param primitive the primitive
     * @param argument oneDNN's number of the argument
     * @param scope owner of what the slot needs
     */
    Slot(Primitive primitive, int argument, Scope scope) {
        this.argument = argument;
        this.arena = scope.arena();
        dnnl_memory_desc layout = primitive.argument(argument);
        this.alignment = Library.get().alignment();
        this.bytes = dnnl.dnnl_memory_desc_get_size(layout);
        Status.check(dnnl.dnnl_memory_create(memory, layout, Library.get().engine(), address),
                "create a memory object");
        scope.own(() -> dnnl.dnnl_memory_destroy(memory));
    }

    int argument() {
        return argument;
    }

    dnnl_memory memory() {
        return memory;
    }

    /** Points at a tensor oneDNN reads. */
    void read(Tensor tensor) {
        if (direct(tensor)) {
            pointAt(tensor);
            return;
        }
        MemorySegment to = buffer();
        int count = (int) tensor.spec().elements();
        if (tensor.isHeap()) {
            MemorySegment.copy(tensor.floats(), (int) tensor.offset(), to, ValueLayout.JAVA_FLOAT, 0, count);
        } else {
            MemorySegment.copy(tensor.segment(), tensor.offset(), to, 0, tensor.spec().byteSize());
        }
    }

    /** Points at a tensor oneDNN writes; {@link #finishWriting} completes it. */
    void write(Tensor tensor) {
        if (direct(tensor)) {
            pointAt(tensor);
        } else {
            buffer();
        }
    }

    /** Brings what oneDNN wrote to where it belongs, if the slot points at its own memory. */
    void finishWriting(Tensor tensor) {
        if (buffer == null || address.address() != buffer.address()) {
            return;
        }
        int count = (int) tensor.spec().elements();
        if (tensor.isHeap()) {
            MemorySegment.copy(buffer, ValueLayout.JAVA_FLOAT, 0, tensor.floats(), (int) tensor.offset(), count);
        } else {
            MemorySegment.copy(buffer, 0, tensor.segment(), tensor.offset(), tensor.spec().byteSize());
        }
    }

    /** Points at the slot's own memory and returns it. */
    MemorySegment buffer() {
        if (buffer == null) {
            buffer = arena.allocate(Math.max(1, bytes), Tensor.ALIGNMENT);
        }
        pointAt(buffer.address());
        return buffer;
    }

    private boolean direct(Tensor tensor) {
        return !tensor.isHeap() && (tensor.segment().address() + tensor.offset()) % alignment == 0;
    }

    private void pointAt(Tensor tensor) {
        pointAt(tensor.segment().address() + tensor.offset());
    }

    private void pointAt(long target) {
        if (address.address() != target) {
            Status.check(dnnl.dnnl_memory_set_data_handle(memory, address.moveTo(target)), "set a data handle");
        }
    }
}
