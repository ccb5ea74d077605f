package normkit.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Scratch memory: tensors on the heap, which start at index 0 of their arrays. Nothing here depends on the operands. */
final class Scratch {

    private Scratch() {
    }

    static Tensor allocate(DataType type, long elements) {
        return Tensor.allocate(TensorSpec.rows(elements).as(type));
    }

    /**
     * By the same vectors that will be loaded: a processor hands a store on to a load that follows soon only if it covers all
     * of it, otherwise the load waits for the cache. {@link java.util.Arrays#fill} stores its vectors elsewhere.
     */
    static void clear(Tensor scratch, int from, int to) {
        switch (scratch.spec().type()) {
            case F32 -> clear(scratch.floats(), from, to);
            case F64 -> clear(scratch.doubles(), from, to);
        }
    }

    private static void clear(float[] scratch, int from, int to) {
        FloatVector zero = FloatVector.zero(Vectors.NARROW);
        int i = from;
        for (; i <= to - zero.length(); i += zero.length()) {
            zero.intoArray(scratch, i);
        }
        for (; i < to; i++) {
            scratch[i] = 0;
        }
    }

    static void clear(double[] scratch, int from, int to) {
        DoubleVector zero = DoubleVector.zero(Vectors.WIDE);
        int i = from;
        for (; i <= to - zero.length(); i += zero.length()) {
            zero.intoArray(scratch, i);
        }
        for (; i < to; i++) {
            scratch[i] = 0;
        }
    }

    /** Copies n elements from native memory, where they are at an offset in bytes. */
    static void read(MemorySegment from, long at, Tensor to, int i, int n) {
        switch (to.spec().type()) {
            case F32 -> MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, to.floats(), i, n);
            case F64 -> MemorySegment.copy(from, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, to.doubles(), i, n);
        }
    }

    /** Copies n elements to native memory. */
    static void write(Tensor from, int i, int n, MemorySegment to, long at) {
        switch (from.spec().type()) {
            case F32 -> MemorySegment.copy(from.floats(), i, to, ValueLayout.JAVA_FLOAT, at, n);
            case F64 -> MemorySegment.copy(from.doubles(), i, to, ValueLayout.JAVA_DOUBLE, at, n);
        }
    }

    /** Adds n elements to sums in double. */
    static void widen(Tensor from, int at, int n, double[] to, int start) {
        switch (from.spec().type()) {
            case F32 -> widen(from.floats(), at, n, to, start);
            case F64 -> widen(from.doubles(), at, n, to, start);
        }
    }

    /** By vectors: C2 makes none of a loop over two types. */
    private static void widen(float[] from, int at, int n, double[] to, int start) {
        int step = Vectors.WIDE.length();
        int i = 0;
        for (; i <= n - step; i += step) {
            Vector<Double> v = FloatVector.fromArray(Vectors.HALF, from, at + i).castShape(Vectors.WIDE, 0);
            DoubleVector.fromArray(Vectors.WIDE, to, start + i).add(v).intoArray(to, start + i);
        }
        for (; i < n; i++) {
            to[start + i] += from[at + i];
        }
    }

    private static void widen(double[] from, int at, int n, double[] to, int start) {
        for (int i = 0; i < n; i++) {
            to[start + i] += from[at + i];
        }
    }
}
