package normkit.simd;

import jdk.incubator.vector.VectorShape;

/** The vector size in use: what the CPU prefers, at most 512 bits, or what {@value #PROPERTY} says. */
final class VectorBits {

    /** The property that sets the size in bits: 128, 256 or 512. */
    static final String PROPERTY = "normkit.vectorBits";

    private static final int MOST = 512;
    private static final int BITS = Math.min(MOST, Integer.getInteger(PROPERTY, VectorShape.preferredShape().vectorBitSize()));

    private VectorBits() {
    }

    static int get() {
        return BITS;
    }
}
