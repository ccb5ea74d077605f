package normkit.parts;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * Copies of parts of a tensor in double, whatever its type and carrier. What computes on such copies and rounds once when it
 * writes back needs one loop only and gives the same bits on every carrier. Serves one thread at a time.
 */
public final class Doubles {

    /** How many elements to copy at once: they stay in the first cache level. */
    public static final int BLOCK = 1024;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    /** On the way from and to native memory: copied at once, because single accesses allocate until C2 has compiled them. */
    private final float[] floats = new float[BLOCK];

    /** Makes room for what is on its way. */
    public Doubles() {
    }

    /**
     * Reads elements that follow each other.
     *
     * @param from the tensor
     * @param start index of the first element
     * @param count how many
     * @param to receives them
     * @param at index the first goes to
     */
    public void read(Tensor from, long start, int count, double[] to, int at) {
        if (from.doubles() != null) {
            System.arraycopy(from.doubles(), (int) (from.offset() + start), to, at, count);
        } else if (from.floats() != null) {
            widen(from.floats(), (int) (from.offset() + start), count, to, at);
        } else if (from.spec().type() == DataType.F64) {
            MemorySegment.copy(from.segment(), DOUBLE, from.offset() + start * Double.BYTES, to, at, count);
        } else {
            widen(from.segment(), from.offset() + start * Float.BYTES, count, to, at);
        }
    }

    private static void widen(float[] from, int start, int count, double[] to, int at) {
        for (int i = 0; i < count; i++) {
            to[at + i] = from[start + i];
        }
    }

    private void widen(MemorySegment from, long start, int count, double[] to, int at) {
        for (int done = 0; done < count; done += BLOCK) {
            int n = Math.min(BLOCK, count - done);
            MemorySegment.copy(from, FLOAT, start + (long) done * Float.BYTES, floats, 0, n);
            widen(floats, 0, n, to, at + done);
        }
    }

    /**
     * Writes elements that follow each other, each rounded to the tensor's type.
     *
     * @param from the values
     * @param at index of the first
     * @param count how many
     * @param to the tensor
     * @param start index of the element the first goes to
     */
    public void write(double[] from, int at, int count, Tensor to, long start) {
        if (to.doubles() != null) {
            System.arraycopy(from, at, to.doubles(), (int) (to.offset() + start), count);
        } else if (to.floats() != null) {
            narrow(from, at, count, to.floats(), (int) (to.offset() + start));
        } else if (to.spec().type() == DataType.F64) {
            MemorySegment.copy(from, at, to.segment(), DOUBLE, to.offset() + start * Double.BYTES, count);
        } else {
            narrow(from, at, count, to.segment(), to.offset() + start * Float.BYTES);
        }
    }

    private static void narrow(double[] from, int at, int count, float[] to, int start) {
        for (int i = 0; i < count; i++) {
            to[start + i] = (float) from[at + i];
        }
    }

    private void narrow(double[] from, int at, int count, MemorySegment to, long start) {
        for (int done = 0; done < count; done += BLOCK) {
            int n = Math.min(BLOCK, count - done);
            narrow(from, at + done, n, floats, 0);
            MemorySegment.copy(floats, 0, to, FLOAT, start + (long) done * Float.BYTES, n);
        }
    }
}
