package normkit;

import java.util.Arrays;
import normkit.tensor.TensorSpec;

/** Checks of normalized shapes. */
final class Rows {

    private Rows() {
    }

    static void requireTrailing(TensorSpec x, long[] normalizedShape) {
        long[] shape = x.shape();
        int from = shape.length - normalizedShape.length;
        if (from < 0 || !Arrays.equals(Arrays.copyOfRange(shape, Math.max(0, from), shape.length), normalizedShape)) {
            throw new IllegalArgumentException("x is " + x + "; its trailing axes must be the normalized shape "
                    + Arrays.toString(normalizedShape));
        }
    }
}
