package normkit.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * An argument of a library that takes f32 in native memory: where the caller has it, if it is that, else in a buffer of its
 * own, which is made when first needed and kept.
 */
final class NativeFloats {

    private final Arena arena;
    private final long elements;
    private MemorySegment buffer;

    NativeFloats(Arena arena, long elements) {
        this.arena = arena;
        this.elements = elements;
    }

    /** Where the library reads a tensor. */
    MemorySegment read(Tensor tensor) {
        if (direct(tensor)) {
            return memory(tensor);
        }
        MemorySegment copy = buffer();
        if (tensor.isHeap() && tensor.spec().type() == DataType.F32) {
            MemorySegment.copy(tensor.floats(), (int) tensor.offset(), copy, ValueLayout.JAVA_FLOAT, 0, (int) elements);
        } else {
            for (long i = 0; i < elements; i++) {
                copy.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) tensor.get(i));
            }
        }
        return copy;
    }

    /** Where the library writes a tensor, null if nobody wants it; {@link #finish} completes it. */
    MemorySegment write(Tensor tensor) {
        return tensor != null && direct(tensor) ? memory(tensor) : buffer();
    }

    /** Brings what was written to where it is wanted. */
    void finish(Tensor tensor) {
        if (tensor == null || direct(tensor)) {
            return;
        }
        if (tensor.isHeap() && tensor.spec().type() == DataType.F32) {
            MemorySegment.copy(buffer, ValueLayout.JAVA_FLOAT, 0, tensor.floats(), (int) tensor.offset(),
                    (int) elements);
        } else {
            for (long i = 0; i < elements; i++) {
                tensor.set(i, buffer.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
        }
    }

    /** The buffer, at first full of zeros. */
    MemorySegment buffer() {
        if (buffer == null) {
            buffer = arena.allocate(ValueLayout.JAVA_FLOAT, elements);
        }
        return buffer;
    }

    /** The buffer, full of ones. */
    MemorySegment ones() {
        if (buffer == null) {
            for (long i = 0; i < elements; i++) {
                buffer().setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
            }
        }
        return buffer;
    }

    private static boolean direct(Tensor tensor) {
        return !tensor.isHeap() && tensor.spec().type() == DataType.F32;
    }

    private static MemorySegment memory(Tensor tensor) {
        return tensor.segment().asSlice(tensor.offset(), tensor.spec().byteSize());
    }
}
