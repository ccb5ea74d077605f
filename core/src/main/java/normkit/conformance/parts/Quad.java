package normkit.conformance.parts;

/**
 * A number as the unevaluated sum of two doubles, about 106 bits: wide enough to be called exact beside f32 and f64.
 *
 * <p>Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971, with fused
 * multiply-add for the products.
 *
 * @param high the number, rounded to double
 * @param low what rounding left
 */
public record Quad(double high, double low) {

    /** 0. */
    public static final Quad ZERO = new Quad(0, 0);

    /**
     * Takes a double as it is.
     *
     * @param value any number
     * @return the same number
     */
    public static Quad of(double value) {
        return new Quad(value, 0);
    }

    private static Quad normalized(double a, double b) {
        double sum = a + b;
        return new Quad(sum, b - (sum - a));
    }

    /**
     * Adds.
     *
     * @param other a number
     * @return the sum
     */
    public Quad plus(double other) {
        return plus(of(other));
    }

    /**
     * Adds.
     *
     * @param other a number
     * @return the sum
     */
    public Quad plus(Quad other) {
        double sum = high + other.high;
        double part = sum - high;
        double error = (high - (sum - part)) + (other.high - part);
        return normalized(sum, error + low + other.low);
    }

    /**
     * Subtracts.
     *
     * @param other a number
     * @return the difference
     */
    public Quad minus(Quad other) {
        return plus(new Quad(-other.high, -other.low));
    }

    /**
     * Multiplies.
     *
     * @param other a number
     * @return the product
     */
    public Quad times(double other) {
        return times(of(other));
    }

    /**
     * Multiplies.
     *
     * @param other a number
     * @return the product
     */
    public Quad times(Quad other) {
        double product = high * other.high;
        double error = Math.fma(high, other.high, -product);
        return normalized(product, error + (high * other.low + low * other.high));
    }

    /**
     * Divides.
     *
     * @param divisor a number other than 0
     * @return the quotient
     */
    public Quad over(double divisor) {
        double quotient = high / divisor;
        double remainder = Math.fma(-quotient, divisor, high) + low;
        return normalized(quotient, remainder / divisor);
    }

    /**
     * Divides.
     *
     * @param divisor a number other than 0
     * @return the quotient
     */
    public Quad over(Quad divisor) {
        Quad quotient = of(high / divisor.high);
        Quad remainder = minus(divisor.times(quotient));
        return quotient.plus(remainder.high / divisor.high);
    }

    /**
     * Multiplies by a power of two, exactly.
     *
     * @param exponent the exponent
     * @return the product
     */
    public Quad scaled(int exponent) {
        return new Quad(Math.scalb(high, exponent), Math.scalb(low, exponent));
    }

    /**
     * Returns 1/√ of a positive number.
     *
     * @return the reciprocal root
     */
    public Quad reciprocalRoot() {
        double guess = 1 / Math.sqrt(high);
        // One Newton step doubles the 53 bits of the guess.
        Quad residual = of(1).minus(times(guess).times(guess));
        return of(guess).plus(residual.times(guess / 2));
    }

    /**
     * Rounds.
     *
     * @return the nearest double
     */
    public double value() {
        return high + low;
    }

    /**
     * Returns the magnitude.
     *
     * @return the absolute value, rounded
     */
    public double abs() {
        return Math.abs(value());
    }

    /**
     * Tells how far a double is off, without losing the low part.
     *
     * @param other a number
     * @return the absolute difference
     */
    public double distance(double other) {
        return Math.abs((other - high) - low);
    }
}
