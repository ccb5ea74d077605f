package normkit.simd;

import jdk.incubator.vector.VectorShape;
import normkit.tensor.DataType;

/** The vector size in use: what the VM prefers, at most 512 bits, or what {@value #PROPERTY} says. */
final class VectorBits {

    /** The property that sets the size in bits. */
    static final String PROPERTY = "normkit.vectorBits";

    private static final int LEAST = 128;
    private static final int MOST = 512;
    private static final int PREFERRED = Math.min(MOST, VectorShape.preferredShape().vectorBitSize());
    private static final String WANTED = System.getProperty(PROPERTY);
    private static final int BITS = WANTED == null ? PREFERRED : parse(WANTED);

    private VectorBits() {
    }

    private static int parse(String bits) {
        return switch (bits) {
            case "128" -> 128;
            case "256" -> 256;
            case "512" -> 512;
            default -> 0;
        };
    }

    static int get() {
        return BITS;
    }

    /** Why this size cannot be used, or null. */
    static String refusal() {
        if (PREFERRED < LEAST) {
            return "the VM has vectors of " + PREFERRED + " bits; at least " + LEAST + " are needed";
        }
        if (BITS == 0 || BITS > PREFERRED) {
            return "the system property " + PROPERTY + " is " + WANTED + "; it must be 128, 256 or 512 and at most the "
                    + PREFERRED + " this VM has";
        }
        return null;
    }

    /** Elements of a type in a vector. */
    static int elements(DataType type) {
        return get() / (Byte.SIZE * type.bytes());
    }
}
