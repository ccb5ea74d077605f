package normkit.bench.peers;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.Tensor;

/** The numbers of an f32 tensor by their position, wherever they lie. */
record Floats(MemorySegment memory) {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Views a tensor; null is null. */
    static Floats of(Tensor tensor) {
        if (tensor == null) {
            return null;
        }
        MemorySegment memory = tensor.isHeap()
                ? MemorySegment.ofArray(tensor.floats()).asSlice(tensor.offset() * Float.BYTES)
                : tensor.segment().asSlice(tensor.offset());
        return new Floats(memory);
    }

    float get(long index) {
        return memory.get(FLOAT, index * Float.BYTES);
    }

    void set(long index, float value) {
        memory.set(FLOAT, index * Float.BYTES, value);
    }
}
