package normkit.bulk;

import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * Copies of parts of a tensor in double, whatever its type and carrier. What computes on such copies and rounds once when it
 * writes back needs one loop only and gives the same bits on every carrier. Serves one thread at a time.
 */
public final class Doubles {

    /** How many elements to copy at once: they stay in the first cache level. */
    public static final int BLOCK = 1024;

    /** On the way from and to native memory. */
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
        if (from.spec().type() == DataType.F64) {
            Copies.read(from, start, count, to, at);
        } else if (from.isHeap()) {
            widen(from.floats(), (int) (from.offset() + start), count, to, at);
        } else {
            for (int done = 0; done < count; done += BLOCK) {
                int n = Math.min(BLOCK, count - done);
                Copies.read(from, start + done, n, floats, 0);
                widen(floats, 0, n, to, at + done);
            }
        }
    }

    private static void widen(float[] from, int start, int count, double[] to, int at) {
        for (int i = 0; i < count; i++) {
            to[at + i] = from[start + i];
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
        if (to.spec().type() == DataType.F64) {
            Copies.write(from, at, count, to, start);
        } else if (to.isHeap()) {
            narrow(from, at, count, to.floats(), (int) (to.offset() + start));
        } else {
            for (int done = 0; done < count; done += BLOCK) {
                int n = Math.min(BLOCK, count - done);
                narrow(from, at + done, n, floats, 0);
                Copies.write(floats, 0, n, to, start + done);
            }
        }
    }

    private static void narrow(double[] from, int at, int count, float[] to, int start) {
        for (int i = 0; i < count; i++) {
            to[start + i] = (float) from[at + i];
        }
    }
}
