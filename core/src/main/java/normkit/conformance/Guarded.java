package normkit.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A tensor between two guard zones whose bytes nobody may change. */
final class Guarded {

    private static final int GUARD_BYTES = 512;
    private static final byte PATTERN = (byte) 0xA5;

    private final Tensor tensor;
    private final MemorySegment all;
    private final long start;
    private byte[] snapshot;

    /** Allocates; native memory lives as long as the arena. */
    Guarded(TensorSpec spec, Memory memory, Arena arena) {
        int bytes = spec.type().bytes();
        start = GUARD_BYTES + (memory.heap() ? (long) memory.shift() * bytes : memory.shift());
        long size = start + spec.byteSize() + GUARD_BYTES;
        if (memory.heap()) {
            int length = Math.toIntExact((size + bytes - 1) / bytes);
            all = switch (spec.type()) {
                case F32 -> MemorySegment.ofArray(new float[length]);
                case F64 -> MemorySegment.ofArray(new double[length]);
            };
        } else {
            all = arena.allocate(size, Tensor.ALIGNMENT);
        }
        all.fill(PATTERN);
        tensor = Tensor.of(spec, all, start);
    }

    Tensor tensor() {
        return tensor;
    }

    void fill(double value) {
        for (long i = 0; i < tensor.spec().elements(); i++) {
            tensor.set(i, value);
        }
    }

    void fill(double[] values) {
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
    }

    /** Remembers the contents, to see later whether they have changed. */
    void remember() {
        snapshot = bytes();
    }

    boolean changed() {
        return !Arrays.equals(snapshot, bytes());
    }

    private byte[] bytes() {
        return all.asSlice(start, tensor.spec().byteSize()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    /** What was overwritten around the tensor, in words, or null. */
    String overwritten() {
        long end = start + tensor.spec().byteSize();
        for (long i = start - 1; i >= 0; i--) {
            if (byteAt(i) != PATTERN) {
                return (start - i) + " bytes before the start were overwritten";
            }
        }
        for (long i = end; i < all.byteSize(); i++) {
            if (byteAt(i) != PATTERN) {
                return (i - end) + " bytes past the end were overwritten";
            }
        }
        return null;
    }

    private byte byteAt(long i) {
        return all.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i);
    }
}
