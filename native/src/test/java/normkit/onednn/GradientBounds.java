package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import normkit.tensor.Tensor;

/** Compares gradients with the definitions, within the bounds that docs/onednn.md states. */
final class GradientBounds {

    private static final double U = 0x1p-24;

    private GradientBounds() {
    }

    static void check(Oracle oracle, Tensor dy, Tensor x, Tensor scale, Tensor dx, Tensor dscale, Tensor dshift) {
        checkDx(oracle, oracle.dx(dy, x, scale), dx, dy);
        double[] scaleGradient = oracle.dscale(dy, x);
        double[] shiftGradient = oracle.dshift(dy);
        double[] scaleTerms = new double[scaleGradient.length];
        double[] shiftTerms = new double[scaleGradient.length];
        for (int i = 0; i < x.spec().elements(); i++) {
            scaleTerms[oracle.parameter(i)] +=
                    Math.abs(dy.get(i)) * (1 + Math.abs(oracle.normalized(x, i)) + oracle.offset(oracle.set(i)));
            shiftTerms[oracle.parameter(i)] += Math.abs(dy.get(i));
        }
        for (int p = 0; p < scaleGradient.length; p++) {
            assertEquals(scaleGradient[p], dscale.get(p), 8 * U * scaleTerms[p], "dscale " + p);
            assertEquals(shiftGradient[p], dshift.get(p), 8 * U * shiftTerms[p], "dshift " + p);
        }
    }

    static void checkDx(Oracle oracle, double[] expected, Tensor dx, Tensor dy) {
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(dy.get(i)));
        }
        for (int i = 0; i < expected.length; i++) {
            int set = oracle.set(i);
            double size = oracle.rstd(set) * largest * (1 + oracle.offset(set));
            assertEquals(expected[i], dx.get(i), 16 * U * size, "dx " + i);
        }
    }
}
