package normkit.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** How loops deal with memory that is far away. */
final class FarMemory {

    /** A cache line. */
    static final int LINE_BYTES = 64;

    /** Tensors that are read, if they have up to this size together, may still be in a cache. */
    private static final long NEAR_BYTES = 8 << 20;

    /** Operands of up to this size together likely are in a usual third level cache. */
    private static final long ALL_NEAR_BYTES = 24 << 20;

    /** Vectors in a piece, and how many pieces make loops worth splitting. */
    private static final int PIECE = 16;
    private static final int LEAST_PIECES = 2;
    private static final int MOST_PIECES = 5;

    /** Keeps the compiler from leaving out the touching of memory. */
    private double touched;

    /** Whether what is read, of that size together, is likely to be in memory. */
    static boolean holds(long bytes) {
        return bytes > NEAR_BYTES;
    }

    /**
     * How many elements a loop over n of x, and of dy where there is one, should do in one go. A loop of middle length that C2
     * has unrolled gets memory only two thirds as fast as shorter loops do, and as the same loop not unrolled; very long ones
     * are fast again. That is measured; what is public about the processor's prefetchers does not explain it. In a cache,
     * starting loops costs more.
     */
    static int piece(Tensor x, Tensor dy, int n) {
        boolean far = x.spec().byteSize() * (dy == null ? 2 : 3) > ALL_NEAR_BYTES;
        int piece = PIECE * VectorBits.elements(x.spec().type());
        return far && n >= LEAST_PIECES * piece && n <= MOST_PIECES * piece ? piece : n;
    }

    /**
     * Reads an element of every cache line of x, and of dy where there is one, from front to back, before sums that need them:
     * they come sooner than the strides of such a loop would make them come.
     */
    void touch(Tensor x, Tensor dy, long at, int n) {
        touched = touch(x, at, n);
        if (dy != null) {
            touched += touch(dy, at, n);
        }
    }

    /** By plain loads with four sums, so that many are under way at once. */
    private static double touch(Tensor t, long at, int n) {
        DataType type = t.spec().type();
        if (!t.isHeap()) {
            return touch(t.segment(), t.offset() + at * type.bytes(), n * type.bytes());
        }
        int from = (int) (t.offset() + at);
        return type == DataType.F32 ? touch(t.floats(), from, from + n) : touch(t.doubles(), from, from + n);
    }

    private static double touch(float[] t, int from, int to) {
        int line = LINE_BYTES / Float.BYTES;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int i = from; i < to - 3 * line; i += 4 * line) {
            s0 += t[i];
            s1 += t[i + line];
            s2 += t[i + 2 * line];
            s3 += t[i + 3 * line];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static double touch(double[] t, int from, int to) {
        int line = LINE_BYTES / Double.BYTES;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int i = from; i < to - 3 * line; i += 4 * line) {
            s0 += t[i];
            s1 += t[i + line];
            s2 += t[i + 2 * line];
            s3 += t[i + 3 * line];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static double touch(MemorySegment t, long from, int n) {
        int sum = 0;
        for (int i = 0; i < n; i += LINE_BYTES) {
            sum += t.get(ValueLayout.JAVA_BYTE, from + i);
        }
        return sum;
    }
}
