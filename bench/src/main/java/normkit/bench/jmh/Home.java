package normkit.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Where the tensors of an exercise are: in arrays, or in an arena of one of the kinds that Java has. */
enum Home {
    /** Arrays. */
    HEAP,
    /** Native memory of one thread. */
    CONFINED,
    /** Native memory of all threads, freed by whoever closes it. */
    SHARED,
    /** Native memory of all threads, freed by the garbage collector. */
    AUTO,
    /** Native memory of all threads, never freed: for small tensors. */
    GLOBAL;

    /** Opens an arena; null for the heap. */
    Arena open() {
        return switch (this) {
            case HEAP -> null;
            case CONFINED -> Arena.ofConfined();
            case SHARED -> Arena.ofShared();
            case AUTO -> Arena.ofAuto();
            case GLOBAL -> Arena.global();
        };
    }

    /** Allocates a tensor of zeros in an arena opened here, or, for null, on the heap. */
    static Tensor allocate(TensorSpec spec, Arena arena) {
        return arena == null ? Tensor.allocate(spec) : Tensor.allocate(spec, arena);
    }

    /** Closes an arena opened here, if it can be closed. */
    void close(Arena arena) {
        if (this == CONFINED || this == SHARED) {
            arena.close();
        }
    }

    /** The memory of a tensor allocated here. */
    static MemorySegment memory(Tensor tensor) {
        if (!tensor.isHeap()) {
            return tensor.segment();
        }
        return switch (tensor.spec().type()) {
            case F32 -> MemorySegment.ofArray(tensor.floats());
            case F64 -> MemorySegment.ofArray(tensor.doubles());
        };
    }
}
