package normkit.activation;

/**
 * Activations of f32, computed in double and rounded once, from additions, multiplications, divisions, fused
 * multiply-adds, minima and maxima alone: no branch, no table and no bits taken apart, so that the compiler makes vectors
 * of the loops, and every machine gets the same bits. docs/numerics.md is the definition. Stateless.
 */
final class FloatFunctions {

    /** Beyond ±120 an exponential makes no difference to any of the results in f32. */
    private static final double MOST = 120;
    /** The same for Gauss's integral and the approximation of it. */
    private static final double MOST_GAUSS = 14.9;
    /** 2√(2/π) and that times 0.044715. */
    private static final double LINEAR = 1.5957691216057308;
    private static final double CUBIC = 0.07135481627260025;
    /** 1/√(2π). */
    private static final double DENSITY = 0.3989422804014327;

    private FloatFunctions() {
    }

    static double relu(double z) {
        return Math.max(z, 0);
    }

    static double reluSlope(double z) {
        return step(z);
    }

    static double leakyRelu(double z, double slope) {
        return Math.max(z, 0) + slope * Math.min(z, 0);
    }

    static double leakyReluSlope(double z, double slope) {
        double step = step(z);
        return slope * (1 - step) + step;
    }

    static double sigmoid(double z) {
        return 1 / (1 + exp(-z));
    }

    static double sigmoidSlope(double z) {
        double e = exp(-z);
        double s = 1 / (1 + e);
        return e * s * s;
    }

    static double silu(double z) {
        return Math.max(z, -MOST) / (1 + exp(-z));
    }

    static double siluSlope(double z) {
        double bounded = bounded(z, MOST);
        double e = exp(-bounded);
        double s = 1 / (1 + e);
        return s * Math.fma(bounded, e * s, 1);
    }

    static double geluTanh(double z) {
        return Math.max(z, -MOST_GAUSS) / (1 + exp(-(z * Math.fma(CUBIC, z * z, LINEAR))));
    }

    static double geluTanhSlope(double z) {
        double bounded = bounded(z, MOST_GAUSS);
        double square = bounded * bounded;
        double e = exp(-(bounded * Math.fma(CUBIC, square, LINEAR)));
        double s = 1 / (1 + e);
        return s * Math.fma(bounded * Math.fma(3 * CUBIC, square, LINEAR), e * s, 1);
    }

    static double gelu(double z) {
        double a = Math.min(Math.abs(z), MOST_GAUSS);
        return Math.max(z, -0.0) - a * (tailRatio(a) * power(-1.0 / 512 * (a * a)));
    }

    static double geluSlope(double z) {
        double a = Math.min(Math.abs(z), MOST_GAUSS);
        double left = Math.fma(-DENSITY, a, tailRatio(a)) * power(-1.0 / 512 * (a * a));
        return Math.fma(step(z), Math.fma(-2, left, 1), left);
    }

    static double tanh(double z) {
        double r = bounded(z, 20) * (1.0 / 32);
        double p = 2.5225180352752192e-08;
        p = Math.fma(p, r, 2.778242555404752e-07);
        p = Math.fma(p, r, 2.755664245439659e-06);
        p = Math.fma(p, r, 2.4800706918731e-05);
        p = Math.fma(p, r, 0.0001984127099841514);
        p = Math.fma(p, r, 0.0013888890394284802);
        p = Math.fma(p, r, 0.00833333333252598);
        p = Math.fma(p, r, 0.04166666665616296);
        p = Math.fma(p, r, 0.16666666666668245);
        p = Math.fma(p, r, 0.5000000000002052);
        p = Math.fma(p, r, 1.0);
        double m = r * p;
        m *= m + 2;
        m *= m + 2;
        m *= m + 2;
        m *= m + 2;
        m *= m + 2;
        m *= m + 2;
        return m / (m + 2);
    }

    static double tanhSlope(double z) {
        double e = exp(2 * z);
        double s = 1 / (1 + e);
        return 4 * (e * s * s);
    }

    /** 0 for z ≤ 0, 1 for z > 0. */
    private static double step(double z) {
        return Math.max(Math.min(z * 0x1p200, 1), 0);
    }

    private static double bounded(double z, double most) {
        return Math.max(Math.min(z, most), -most);
    }

    /** e to the power of x, which is taken to be within ±120. */
    private static double exp(double x) {
        return power(bounded(x, MOST) * (1.0 / 256));
    }

    /** e to the power of 256·r, |r| ≤ 120/256: that of r, squared eight times. */
    private static double power(double r) {
        double p = 2.7695249986059815e-06;
        p = Math.fma(p, r, 2.4953374312892225e-05);
        p = Math.fma(p, r, 0.00019841004461176322);
        p = Math.fma(p, r, 0.0013888596810571502);
        p = Math.fma(p, r, 0.008333333541655157);
        p = Math.fma(p, r, 0.041666668959600424);
        p = Math.fma(p, r, 0.1666666666609441);
        p = Math.fma(p, r, 0.4999999999370117);
        p = Math.fma(p, r, 1.000000000000025);
        p = Math.fma(p, r, 1.000000000000277);
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        return p * p;
    }

    /** Φ(−a)·exp(a²/2), 0 ≤ a ≤ 14.9. */
    private static double tailRatio(double a) {
        double w = 1 / (a + 5);
        double t = Math.fma(-10, w, 1);
        double p = -5.5365544259150304e-05;
        p = Math.fma(p, t, -4.3707709276930564e-05);
        p = Math.fma(p, t, 0.0005540990473483695);
        p = Math.fma(p, t, -0.0008035746229052229);
        p = Math.fma(p, t, -0.0029973610594331438);
        p = Math.fma(p, t, 0.02079608192531261);
        p = Math.fma(p, t, -0.06911792331759235);
        p = Math.fma(p, t, 0.16502026959762967);
        p = Math.fma(p, t, -0.3135332081949599);
        p = Math.fma(p, t, 0.4953056203099477);
        p = Math.fma(p, t, -0.6653825018823117);
        p = Math.fma(p, t, 0.7691930497114842);
        return w * p;
    }
}
