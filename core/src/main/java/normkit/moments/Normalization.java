package normkit.moments;

/** The coefficient shared by every technique that divides by a standard deviation. */
public final class Normalization {

    private Normalization() {
    }

    /**
     * Returns 1/√(variance + ε), within an ulp.
     *
     * @param variance biased variance (or mean square), at least 0
     * @param epsilon ε, at least 0
     * @return the reciprocal standard deviation; 0 where variance and ε are both 0, so that a constant set comes out as
     *         β rather than NaN
     */
    public static double rstd(double variance, double epsilon) {
        double v = variance + epsilon;
        if (v == 0) {
            return 0;
        }
        double r = 1 / Math.sqrt(v);
        if (!(r > 0x1p-500 && r < 0x1p+500)) {
            return r;
        }
        return refined(v, r);
    }

    /**
     * Does the same to several variances: without branches, so that C2 makes vectors of the roots and divisions.
     *
     * @param variance biased variances (or mean squares), at least 0
     * @param epsilon ε, at least 0
     * @param n how many
     * @param rstd receives the reciprocal standard deviations
     */
    public static void rstd(double[] variance, double epsilon, int n, double[] rstd) {
        for (int i = 0; i < n; i++) {
            double v = variance[i] + epsilon;
            rstd[i] = refined(v, 1 / Math.sqrt(v));
        }
        for (int i = 0; i < n; i++) {
            double v = variance[i] + epsilon;
            if (!(v > 0x1p-900 && v < 0x1p+900)) {
                rstd[i] = rstd(variance[i], epsilon);
            }
        }
    }

    /** Does one Newton step, with the residual 1 − v·r² formed exactly enough by fused multiply-add. */
    private static double refined(double v, double r) {
        double vr = v * r;
        double vrLow = Math.fma(v, r, -vr);
        double residual = Math.fma(-vr, r, 1) - vrLow * r;
        return Math.fma(0.5 * r, residual, r);
    }
}
