package normkit.parts;

import java.util.Arrays;

/** Powers that are the same bits on every machine and allocate nothing, which {@link StrictMath#pow} does. */
public final class Powers {

    private static final int QUARTERS = 4;
    /** Beyond, multiplying would lose more digits than the exponential does. */
    private static final double MOST_QUARTERS = 16 * QUARTERS;

    private Powers() {
    }

    /**
     * Returns x<sup>y</sup> as e<sup>y·ln x</sup>, both functions {@link StrictMath}'s, which is slow. The relative error is
     * about 2<sup>−53</sup> times 2 + |y·ln x|.
     *
     * @param x at least 0
     * @param y the exponent, not 0 if x is
     * @return the power
     */
    public static double of(double x, double y) {
        return StrictMath.exp(y * StrictMath.log(x));
    }

    /**
     * Raises values to a power. For y = n + q/4 up to 16 this is 1, √√x, √x or √x·√√x for q = 0 to 3, times x squared i times
     * for every bit i of n, the lowest first;
     * the relative error is at most about 2<sup>−53</sup> times 2 + y. For others it is {@link #of}.
     *
     * @param values each at least 0; receives the powers
     * @param work as long; is overwritten
     * @param n how many
     * @param y the exponent, at least 0
     */
    public static void raise(double[] values, double[] work, int n, double y) {
        double quarters = y * QUARTERS;
        if (quarters != Math.rint(quarters) || quarters > MOST_QUARTERS) {
            for (int i = 0; i < n; i++) {
                values[i] = of(values[i], y);
            }
            return;
        }
        System.arraycopy(values, 0, work, 0, n);
        roots(values, n, (int) quarters % QUARTERS);
        for (int whole = (int) quarters / QUARTERS; whole > 0; whole >>= 1) {
            if ((whole & 1) != 0) {
                multiply(values, work, n);
            }
            if (whole > 1) {
                multiply(work, work, n);
            }
        }
    }

    private static void roots(double[] values, int n, int quarters) {
        switch (quarters) {
            case 0 -> Arrays.fill(values, 0, n, 1);
            case 1 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = Math.sqrt(Math.sqrt(values[i]));
                }
            }
            case 2 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = Math.sqrt(values[i]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    double root = Math.sqrt(values[i]);
                    values[i] = root * Math.sqrt(root);
                }
            }
        }
    }

    private static void multiply(double[] values, double[] factors, int n) {
        for (int i = 0; i < n; i++) {
            values[i] *= factors[i];
        }
    }
}
