package normkit.conformance;

/**
 * A number as the unevaluated sum of two doubles, about 106 bits: wide enough to be called exact beside f32 and f64.
 *
 * <p>Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971, with fused
 * multiply-add for the products.
 */
record Quad(double high, double low) {

    static final Quad ZERO = new Quad(0, 0);

    static Quad of(double value) {
        return new Quad(value, 0);
    }

    private static Quad normalized(double a, double b) {
        double sum = a + b;
        return new Quad(sum, b - (sum - a));
    }

    Quad plus(double other) {
        return plus(of(other));
    }

    Quad plus(Quad other) {
        double sum = high + other.high;
        double part = sum - high;
        double error = (high - (sum - part)) + (other.high - part);
        return normalized(sum, error + low + other.low);
    }

    Quad minus(Quad other) {
        return plus(new Quad(-other.high, -other.low));
    }

    Quad times(double other) {
        return times(of(other));
    }

    Quad times(Quad other) {
        double product = high * other.high;
        double error = Math.fma(high, other.high, -product);
        return normalized(product, error + (high * other.low + low * other.high));
    }

    Quad over(double divisor) {
        double quotient = high / divisor;
        double remainder = Math.fma(-quotient, divisor, high) + low;
        return normalized(quotient, remainder / divisor);
    }

    Quad over(Quad divisor) {
        Quad quotient = of(high / divisor.high);
        Quad remainder = minus(divisor.times(quotient));
        return quotient.plus(remainder.high / divisor.high);
    }

    /** Times a power of two, exactly. */
    Quad scaled(int exponent) {
        return new Quad(Math.scalb(high, exponent), Math.scalb(low, exponent));
    }

    /** 1/√ of a positive number. */
    Quad reciprocalRoot() {
        double guess = 1 / Math.sqrt(high);
        // One Newton step doubles the 53 bits of the guess.
        Quad residual = of(1).minus(times(guess).times(guess));
        return of(guess).plus(residual.times(guess / 2));
    }

    double value() {
        return high + low;
    }

    double abs() {
        return Math.abs(value());
    }

    /** How far a double is off, without losing the low part. */
    double distance(double other) {
        return Math.abs((other - high) - low);
    }
}
