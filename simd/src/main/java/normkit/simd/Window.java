package normkit.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * A parameter on the heap, wherever it came from: one off the heap is copied, as a whole if it is small, and once for all
 * sets. Every load from native memory makes a loop so much bigger for C2 that there must be few.
 */
final class Window {

    /** Parameters of up to this many elements are copied as a whole, longer ones piece by piece. */
    private static final long WHOLE = 1 << 16;

    private final DataType type;
    private Tensor buffer;
    private Tensor source;
    private long start;
    private int length;

    Window(DataType type) {
        this.type = type;
        this.buffer = Tensor.allocate(TensorSpec.rows(0).as(type));
    }

    /** Forgets what it holds: memory may have changed. */
    void forget() {
        source = null;
    }

    /** Makes a piece of a parameter available on the heap; null if there is no parameter. */
    Tensor load(Tensor parameter, long from, int n) {
        boolean small = parameter != null && parameter.spec().elements() <= WHOLE;
        return small ? loadPiece(parameter, 0, (int) parameter.spec().elements()) : loadPiece(parameter, from, n);
    }

    /** The same, but never more than the piece: for what is read once. */
    Tensor loadPiece(Tensor parameter, long from, int n) {
        if (parameter == null || parameter.isHeap()) {
            return parameter;
        }
        copy(parameter, from, n);
        return buffer;
    }

    /** Where in the tensor that was returned last the piece starts. */
    long index(Tensor parameter, long from) {
        return parameter == null || parameter.isHeap() ? from : from - start;
    }

    private void copy(Tensor parameter, long from, int n) {
        if (parameter == source && from == start && n == length) {
            return;
        }
        if (buffer.spec().elements() < n) {
            buffer = Tensor.allocate(TensorSpec.rows(n).as(type));
        }
        long at = parameter.offset() + from * type.bytes();
        switch (type) {
            case F32 ->
                MemorySegment.copy(parameter.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, at, buffer.floats(), 0, n);
            case F64 ->
                MemorySegment.copy(parameter.segment(), ValueLayout.JAVA_DOUBLE_UNALIGNED, at, buffer.doubles(), 0, n);
        }
        source = parameter;
        start = from;
        length = n;
    }
}
