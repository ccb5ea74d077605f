package normkit.bulk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.Tensor;

/**
 * Copies of elements that follow each other between a tensor of any carrier and an array of the tensor's type. Single
 * accesses to native memory would allocate until C2 has compiled them, and stay several times slower in a process that
 * has met several kinds of memory.
 */
public final class Copies {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private Copies() {
    }

    /**
     * Reads elements of an f32 tensor.
     *
     * @param from the tensor
     * @param start index of the first element
     * @param count how many
     * @param to receives them
     * @param at index the first goes to
     */
    public static void read(Tensor from, long start, int count, float[] to, int at) {
        if (from.floats() != null) {
            System.arraycopy(from.floats(), (int) (from.offset() + start), to, at, count);
        } else {
            MemorySegment.copy(from.segment(), FLOAT, from.offset() + start * Float.BYTES, to, at, count);
        }
    }

    /**
     * Reads elements of an f64 tensor.
     *
     * @param from the tensor
     * @param start index of the first element
     * @param count how many
     * @param to receives them
     * @param at index the first goes to
     */
    public static void read(Tensor from, long start, int count, double[] to, int at) {
        if (from.doubles() != null) {
            System.arraycopy(from.doubles(), (int) (from.offset() + start), to, at, count);
        } else {
            MemorySegment.copy(from.segment(), DOUBLE, from.offset() + start * Double.BYTES, to, at, count);
        }
    }

    /**
     * Writes elements of an f32 tensor.
     *
     * @param from the values
     * @param at index of the first
     * @param count how many
     * @param to the tensor
     * @param start index of the element the first goes to
     */
    public static void write(float[] from, int at, int count, Tensor to, long start) {
        if (to.floats() != null) {
            System.arraycopy(from, at, to.floats(), (int) (to.offset() + start), count);
        } else {
            MemorySegment.copy(from, at, to.segment(), FLOAT, to.offset() + start * Float.BYTES, count);
        }
    }

    /**
     * Writes elements of an f64 tensor.
     *
     * @param from the values
     * @param at index of the first
     * @param count how many
     * @param to the tensor
     * @param start index of the element the first goes to
     */
    public static void write(double[] from, int at, int count, Tensor to, long start) {
        if (to.doubles() != null) {
            System.arraycopy(from, at, to.doubles(), (int) (to.offset() + start), count);
        } else {
            MemorySegment.copy(from, at, to.segment(), DOUBLE, to.offset() + start * Double.BYTES, count);
        }
    }
}
