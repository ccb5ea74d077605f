package normkit.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.tensor.Tensor;

/** What all loops do with single elements, where no vector fits: the same as {@link Vectors}, bit by bit, in doubles. */
final class Elements {

    private Elements() {
    }

    static double element(Traits t, Tensor x, long i) {
        return get(t, t.xHeap(), x, i);
    }

    /** An element of a parameter or of scratch memory. */
    static double get(Traits t, Tensor tensor, long i) {
        return get(t, true, tensor, i);
    }

    static double get(Traits t, boolean heap, Tensor tensor, long i) {
        long at = tensor.offset() + i * Vectors.unit(t, heap);
        if (t.isFloat()) {
            return heap ? tensor.floats()[(int) at] : tensor.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        }
        return heap ? tensor.doubles()[(int) at] : tensor.segment().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
    }

    /** Sets an element of a result. */
    static void put(Traits t, Tensor out, long i, double value) {
        if (!t.outHeap()) {
            put(t, out.segment(), out.offset() + i * Vectors.unit(t, false), value);
        } else {
            set(t, out, (int) (out.offset() + i), value);
        }
    }

    private static void put(Traits t, MemorySegment out, long at, double value) {
        if (t.isFloat()) {
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) value);
        } else {
            out.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, value);
        }
    }

    /** Sets what is at an index of an array, by less code than any tensor's element takes. */
    private static void set(Traits t, Tensor tensor, int at, double value) {
        if (t.isFloat()) {
            tensor.floats()[at] = (float) value;
        } else {
            tensor.doubles()[at] = value;
        }
    }

    /** Rounds to the element's type; a sum of two elements comes out as if it were formed in that type. */
    static double round(Traits t, double value) {
        return t.isFloat() ? (float) value : value;
    }

    static double fma(Traits t, double a, double b, double c) {
        return t.isFloat() ? Math.fma((float) a, (float) b, (float) c) : Math.fma(a, b, c);
    }

    /** x̂ from x. */
    static double xhat(Traits t, double x, double pivot, double gain, double offset) {
        return fma(t, round(t, x - pivot), gain, offset);
    }

    /** Adds u to one sum in scratch memory and u·v to another. */
    static void addSums(Traits t, Tensor scratch, int first, int second, double u, double v) {
        set(t, scratch, first, get(t, scratch, first) + u);
        set(t, scratch, second, fma(t, u, v, get(t, scratch, second)));
    }
}
