package normkit;

import java.lang.foreign.Arena;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** The kinds of memory a tensor can be in. */
enum Memory {
    HEAP, HEAP_OFFSET, NATIVE, NATIVE_OFFSET, NATIVE_MISALIGNED;

    private static final int OFFSET = 5;

    Tensor allocate(TensorSpec spec, Arena arena) {
        return switch (this) {
            case HEAP -> Tensor.allocate(spec);
            case HEAP_OFFSET -> heapOffset(spec);
            case NATIVE -> Tensor.allocate(spec, arena);
            case NATIVE_OFFSET -> nativeOffset(spec, arena, (long) OFFSET * spec.type().bytes());
            case NATIVE_MISALIGNED -> nativeOffset(spec, arena, 1);
        };
    }

    private static Tensor heapOffset(TensorSpec spec) {
        int length = Math.toIntExact(spec.elements()) + OFFSET + 1;
        return switch (spec.type()) {
            case F32 -> Tensor.of(spec, new float[length], OFFSET);
            case F64 -> Tensor.of(spec, new double[length], OFFSET);
        };
    }

    private static Tensor nativeOffset(TensorSpec spec, Arena arena, long offset) {
        return Tensor.of(spec, arena.allocate(spec.byteSize() + offset, Tensor.ALIGNMENT), offset);
    }
}
