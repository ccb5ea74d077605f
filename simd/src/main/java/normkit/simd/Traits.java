package normkit.simd;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * What the loops know at compile time: a loop class is made for every combination that is needed, with these as
 * constants. Carriers of operands a loop does not have count as native. Scratch memory and parameters are always on the heap.
 *
 * <p>All are components, even those that follow from others: C2 always inlines their accessors, but a method that computes
 * something only where it is called often enough, and a loop over what is no constant then keeps its range checks.
 *
 * @param type the element type
 * @param isFloat whether that is f32
 * @param bytes size of an element
 * @param species vectors of that type
 * @param xHeap whether x is on the heap
 * @param gradientHeap whether dy is on the heap
 * @param outHeap whether y or dx is on the heap
 * @param hasGradient whether there is a dy
 * @param hasScale whether γ varies within a set
 * @param hasShift whether β varies within a set
 */
record Traits(DataType type, boolean isFloat, long bytes, VectorSpecies<?> species, boolean xHeap, boolean gradientHeap,
        boolean outHeap, boolean hasGradient, boolean hasScale, boolean hasShift) {

    static Traits of(DataType type, int bits, Tensor x, Tensor gradient, Tensor out, Tensor scale, Tensor shift) {
        VectorShape shape = VectorShape.forBitSize(bits);
        VectorSpecies<?> species = switch (type) {
            case F32 -> VectorSpecies.of(float.class, shape);
            case F64 -> VectorSpecies.of(double.class, shape);
        };
        return new Traits(type, type == DataType.F32, type.bytes(), species, heap(x), heap(gradient), heap(out),
                gradient != null, scale != null, shift != null);
    }

    private static boolean heap(Tensor tensor) {
        return tensor != null && tensor.isHeap();
    }

    /** A small number that differs for combinations of operands which need different loops. */
    static int key(Tensor x, Tensor gradient, Tensor out, Tensor scale, Tensor shift) {
        int parameters = (scale == null ? 0 : 1) + (shift == null ? 0 : 2);
        return digit(x) + 3 * (digit(gradient) + 3 * (digit(out) + 3 * parameters));
    }

    /** How many such numbers there are. */
    static final int KEYS = 108;

    private static int digit(Tensor tensor) {
        return tensor == null ? 0 : tensor.isHeap() ? 1 : 2;
    }
}
