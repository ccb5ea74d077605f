package normkit;

import java.util.Arrays;
import java.util.Objects;
import normkit.tensor.TensorSpec;

/** Checks of normalized shapes. */
final class Rows {

    private Rows() {
    }

    static long[] requireShape(long[] normalizedShape) {
        Objects.requireNonNull(normalizedShape, "normalizedShape");
        if (normalizedShape.length == 0) {
            throw new IllegalArgumentException("the normalized shape is empty; it must have at least one axis");
        }
        for (long axis : normalizedShape) {
            if (axis < 0) {
                throw new IllegalArgumentException("the normalized shape is " + Arrays.toString(normalizedShape)
                        + "; its axes must be at least 0");
            }
        }
        return normalizedShape.clone();
    }

    static void requireTrailing(TensorSpec x, long[] normalizedShape) {
        long[] shape = Objects.requireNonNull(x, "x").shape();
        int from = shape.length - normalizedShape.length;
        if (from < 0 || !Arrays.equals(Arrays.copyOfRange(shape, Math.max(0, from), shape.length), normalizedShape)) {
            throw new IllegalArgumentException("x is " + x + "; its trailing axes must be the normalized shape "
                    + Arrays.toString(normalizedShape));
        }
    }
}
