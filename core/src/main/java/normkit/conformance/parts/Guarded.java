package normkit.conformance.parts;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A tensor between two guard zones whose bytes nobody may change. */
public final class Guarded {

    private static final int GUARD_BYTES = 512;
    private static final byte PATTERN = (byte) 0xA5;

    private final Tensor tensor;
    private final MemorySegment all;
    private final long start;
    private byte[] snapshot;

    /**
     * Allocates.
     *
     * @param spec spec of the tensor
     * @param heap whether it lies in a Java array
     * @param shift elements of the array, or bytes of native memory, that it is moved by
     * @param arena native memory lives as long as this
     */
    public Guarded(TensorSpec spec, boolean heap, int shift, Arena arena) {
        int bytes = spec.type().bytes();
        start = GUARD_BYTES + (heap ? (long) shift * bytes : shift);
        long size = start + spec.byteSize() + GUARD_BYTES;
        if (heap) {
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

    /**
     * Returns the tensor.
     *
     * @return what lies between the guard zones
     */
    public Tensor tensor() {
        return tensor;
    }

    /**
     * Sets all elements.
     *
     * @param value to the same value
     */
    public void fill(double value) {
        for (long i = 0; i < tensor.spec().elements(); i++) {
            tensor.set(i, value);
        }
    }

    /**
     * Sets all elements.
     *
     * @param values one per element
     */
    public void fill(double[] values) {
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
    }

    /** Remembers the contents, to see later whether they have changed. */
    public void remember() {
        snapshot = bytes();
    }

    /**
     * Tells whether the contents are others than those remembered.
     *
     * @return true if so
     */
    public boolean changed() {
        return !Arrays.equals(snapshot, bytes());
    }

    private byte[] bytes() {
        return all.asSlice(start, tensor.spec().byteSize()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    /**
     * Tells what was overwritten around the tensor.
     *
     * @return it in words, or null
     */
    public String overwritten() {
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
