package normkit.activation;

/**
 * Activations of f64, within 1 ulp, from additions, multiplications, divisions, fused multiply-adds and powers of two
 * alone, so that every machine gets the same bits. Numbers that 53 bits are too few for are sums of a high and a low part.
 * docs/numerics.md is the definition. Stateless.
 */
final class DoubleFunctions {

    /** Beyond, e to its power is 0, even times what the functions multiply it with. */
    private static final double MOST = 800;
    /** The same for Gauss's integral. */
    private static final double MOST_GAUSS = 40;

    private static final double LOG2_E = 1.4426950408889634;
    /** ln 2: 42 bits, so that its products with exponents are exact, and the rest. */
    private static final double LN_2 = 0.6931471805598903;
    private static final double LN_2_LOW = 5.497923018708371e-14;

    /** 2√(2/π) and that times 0.044715. */
    private static final double LINEAR = 1.5957691216057308;
    private static final double LINEAR_LOW = -9.96930880911092e-17;
    private static final double CUBIC = 0.07135481627260025;
    private static final double CUBIC_LOW = -6.175149918155315e-19;

    /** 1/√(2π). */
    private static final double DENSITY = 0.3989422804014327;

    /** The last coefficients of {@link #tailSeries}. */
    private static final double RATIO_2 = 0.38713740074221453;
    private static final double RATIO_1 = -0.6078966419718921;
    private static final double RATIO_1_LOW = -2.683448543372085e-17;
    private static final double RATIO_0 = 0.7552851304157515;
    private static final double RATIO_0_LOW = -2.2292406794688193e-17;

    private DoubleFunctions() {
    }

    static double relu(double z) {
        return Math.max(z, 0);
    }

    static double reluSlope(double z) {
        return leakyReluSlope(z, 0);
    }

    static double leakyRelu(double z, double slope) {
        return Math.max(z, 0) + slope * Math.min(z, 0);
    }

    static double leakyReluSlope(double z, double slope) {
        return z > 0 ? 1 : z <= 0 ? slope : z;
    }

    static double sigmoid(double z) {
        return logistic(1, z, 0);
    }

    static double sigmoidSlope(double z) {
        return bell(z);
    }

    static double silu(double z) {
        return logistic(z, z, 0);
    }

    static double siluSlope(double z) {
        return logisticSlope(z, z, 0);
    }

    static double geluTanh(double z) {
        double square = z * z;
        double sum = CUBIC * square + LINEAR;
        double u = z * sum;
        return logistic(z, u, Math.fma(z, sum, -u) + z * innerLow(z, square, sum));
    }

    static double geluTanhSlope(double z) {
        double square = z * z;
        double sum = CUBIC * square + LINEAR;
        double u = z * sum;
        return logisticSlope(z * Math.fma(3 * CUBIC, square, LINEAR), u,
                Math.fma(z, sum, -u) + z * innerLow(z, square, sum));
    }

    /** What the sum, computed as above, lacks of 2√(2/π)·(1 + 0.044715·z²). */
    private static double innerLow(double z, double square, double sum) {
        double cubic = CUBIC * square;
        return rest(cubic, LINEAR, sum) + LINEAR_LOW + Math.fma(CUBIC, square, -cubic) + CUBIC * Math.fma(z, z, -square)
                + CUBIC_LOW * square;
    }

    /** n·σ(u + low). */
    private static double logistic(double n, double u, double low) {
        if (u > MOST || n == 0) {
            return n;
        }
        if (u < -MOST) {
            return Math.copySign(0, n);
        }
        // e^−|u| = (e + el)·2^k
        double k = Math.rint(-Math.abs(u) * LOG2_E);
        double r = Math.fma(-k, LN_2, -Math.abs(u));
        double tail = tail(r, Math.fma(-k, LN_2_LOW, u < 0 ? low : -low));
        double e = 1 + (r + tail);
        double el = ((1 - e) + r) + tail;
        double power = power(Math.max(k, -1000));
        double d = 1 + e * power;
        double dl = ((1 - d) + e * power) + el * power;
        if (u < 0) {
            double product = n * e;
            return scaled(quotient(product, Math.fma(n, e, -product) + n * el, d, dl), k);
        }
        return quotient(n, 0, d, dl);
    }

    private static double quotient(double n, double nl, double d, double dl) {
        double q = n / d;
        return q + (Math.fma(-q, d, n) + (nl - q * dl)) / d;
    }

    /** The slope of z·σ(u + low), given v = z·du/dz. */
    private static double logisticSlope(double v, double u, double low) {
        if (Math.abs(u) > MOST) {
            return u > 0 ? 1 : -0.0;
        }
        double k = Math.rint(-Math.abs(u) * LOG2_E);
        double r = Math.fma(-k, LN_2, -Math.abs(u));
        double e = 1 + (r + tail(r, Math.fma(-k, LN_2_LOW, u < 0 ? low : -low)));
        double small = e * power(Math.max(k, -1000));
        double d = 1 + small;
        return u < 0 ? scaled(e * (d + v) / (d * d), k) : Math.fma(v, small, d) / (d * d);
    }

    /** σ(u)·σ(−u). */
    private static double bell(double u) {
        if (Math.abs(u) > MOST) {
            return 0;
        }
        double k = Math.rint(-Math.abs(u) * LOG2_E);
        double r = Math.fma(-k, LN_2, -Math.abs(u));
        double e = 1 + (r + tail(r, -k * LN_2_LOW));
        double d = 1 + e * power(Math.max(k, -1000));
        return scaled(e / (d * d), k);
    }

    static double tanh(double z) {
        if (Math.abs(z) > 22) {
            return Math.copySign(1, z);
        }
        // m + ml = e^−2|z| − 1
        double k = Math.rint(-2 * Math.abs(z) * LOG2_E);
        double r = Math.fma(-k, LN_2, -2 * Math.abs(z));
        double tail = tail(r, -k * LN_2_LOW);
        double m = r + tail;
        double ml = (r - m) + tail;
        if (k < 0) {
            double e = (1 + m) * power(k);
            double el = (((1 - (1 + m)) + m) + ml) * power(k);
            m = e - 1;
            ml = ((-1 - m) + e) + el;
        }
        double d = 2 + m;
        return Math.copySign(quotient(m, ml, d, ((2 - d) + m) + ml), z);
    }

    static double tanhSlope(double z) {
        return 4 * bell(2 * z);
    }

    static double gelu(double z) {
        double a = Math.abs(z);
        if (a > MOST_GAUSS || a == 0) {
            return z < 0 ? -0.0 : z;
        }
        // Φ(−a)·exp(a²/2) = g + gl
        double shifted = a + 4;
        double w = 1 / shifted;
        double wl = (Math.fma(-w, shifted, 1) - w * rest(a, 4, shifted)) * w;
        double t = 1 - 8 * w;
        double tl = rest(1, -8 * w, t) - 8 * wl;
        double series = tailSeries(t);
        double p = series * t;
        double c2 = RATIO_2 + p;
        double low2 = rest(RATIO_2, p, c2) + (Math.fma(series, t, -p) + series * tl);
        p = c2 * t;
        double c1 = RATIO_1 + p;
        double low1 = rest(RATIO_1, p, c1) + (Math.fma(c2, t, -p) + (c2 * tl + low2 * t) + RATIO_1_LOW);
        p = c1 * t;
        double c0 = RATIO_0 + p;
        double low0 = rest(RATIO_0, p, c0) + (Math.fma(c1, t, -p) + (c1 * tl + low1 * t) + RATIO_0_LOW);
        double g = w * c0;
        double gl = Math.fma(w, c0, -g) + (w * low0 + wl * c0);
        // exp(−a²/2) = (e + el)·2^k
        double half = -0.5 * a;
        double x = half * a;
        double k = Math.rint(x * LOG2_E);
        double r = Math.fma(-k, LN_2, x);
        double tail = tail(r, Math.fma(-k, LN_2_LOW, Math.fma(half, a, -x)));
        double e = 1 + (r + tail);
        double el = ((1 - e) + r) + tail;
        // a·Φ(−a) = (b + bl)·2^k
        double q = g * e;
        double ql = Math.fma(g, e, -q) + (g * el + gl * e);
        double b = a * q;
        double bl = Math.fma(a, q, -b) + a * ql;
        if (z < 0) {
            return -scaled(b + bl, k);
        }
        double power = power(Math.max(k, -1000));
        double y = z - b * power;
        return y + (((z - y) - b * power) - bl * power);
    }

    static double geluSlope(double z) {
        double a = Math.abs(z);
        if (a > MOST_GAUSS) {
            return z > 0 ? 1 : -0.0;
        }
        double w = 1 / (a + 4);
        double t = 1 - 8 * w;
        double p = tailSeries(t);
        p = Math.fma(p, t, RATIO_2);
        p = Math.fma(p, t, RATIO_1);
        p = Math.fma(p, t, RATIO_0);
        double half = -0.5 * a;
        double x = half * a;
        double k = Math.rint(x * LOG2_E);
        double r = Math.fma(-k, LN_2, x);
        double e = 1 + (r + tail(r, Math.fma(-k, LN_2_LOW, Math.fma(half, a, -x))));
        double left = scaled(e * Math.fma(-DENSITY, a, w * p), k);
        return z > 0 ? 1 - left : left;
    }

    /** What the sum of a and b lacks, by Knuth's TwoSum. */
    private static double rest(double a, double b, double sum) {
        double part = sum - a;
        return (a - (sum - part)) + (b - part);
    }

    /** e^(r + low) − 1 − r for |r| ≤ ln(2)/2 and a low that is tiny. */
    private static double tail(double r, double low) {
        double p = 2.091477283224809e-09;
        p = Math.fma(p, r, 2.510533724466521e-08);
        p = Math.fma(p, r, 2.755727343657049e-07);
        p = Math.fma(p, r, 2.755725511097889e-06);
        p = Math.fma(p, r, 2.480158732571076e-05);
        p = Math.fma(p, r, 0.00019841269875048905);
        p = Math.fma(p, r, 0.0013888888888883703);
        p = Math.fma(p, r, 0.00833333333332607);
        p = Math.fma(p, r, 0.04166666666666667);
        p = Math.fma(p, r, 0.1666666666666667);
        p = Math.fma(p, r, 0.5);
        double square = r * r * p;
        return Math.fma(low, (1 + r) + square, square);
    }

    /** Φ(−a)·exp(a²/2)·(a + 4) as a polynomial in t = (a − 4)/(a + 4), without its last three terms, over t³. */
    private static double tailSeries(double t) {
        double p = 1.5435642663678482e-10;
        p = Math.fma(p, t, 3.564460131247537e-10);
        p = Math.fma(p, t, -1.093878140814733e-09);
        p = Math.fma(p, t, -3.859521747336202e-09);
        p = Math.fma(p, t, 2.0697084657387115e-09);
        p = Math.fma(p, t, 2.1801267911321726e-08);
        p = Math.fma(p, t, 1.3689524084814785e-08);
        p = Math.fma(p, t, -8.743795604174737e-08);
        p = Math.fma(p, t, -1.556343390243067e-07);
        p = Math.fma(p, t, 2.7299157823625524e-07);
        p = Math.fma(p, t, 1.0220342278781833e-06);
        p = Math.fma(p, t, -6.301503389693367e-07);
        p = Math.fma(p, t, -5.920372820544468e-06);
        p = Math.fma(p, t, 7.167804793410646e-07);
        p = Math.fma(p, t, 3.514473688194066e-05);
        p = Math.fma(p, t, -1.908277025414914e-06);
        p = Math.fma(p, t, -0.00023109494304205042);
        p = Math.fma(p, t, 0.000133344314262881);
        p = Math.fma(p, t, 0.0016308184582884265);
        p = Math.fma(p, t, -0.003479692367497032);
        p = Math.fma(p, t, -0.0075401889667582505);
        p = Math.fma(p, t, 0.060396574890939206);
        p = Math.fma(p, t, -0.1865218579596567);
        return p;
    }

    /** 2 to an integral power, −1022 … 1023. */
    private static double power(double k) {
        return Double.longBitsToDouble((long) k + 1023 << 52);
    }

    /** v·2^k for k ≤ 0, rounded once. */
    private static double scaled(double v, double k) {
        return k < -900 ? v * power(k + 200) * 0x1p-200 : v * power(k);
    }
}
