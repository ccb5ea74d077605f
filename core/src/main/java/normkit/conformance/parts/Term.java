package normkit.conformance.parts;

/**
 * A number of a formula: its value, how large the terms it was made of are, which is what rounding errors are measured by, and
 * the slopes by which it depends on other terms.
 *
 * <p>The size of a sum is that of its largest term, that of a product either factor's size times the other factor, that of a
 * function its slope times the size of its argument, but never less than the magnitude of the value; much more where large
 * terms cancel. Sizes of gradients are formed in the same way.
 */
public final class Term {

    private final Tape tape;
    private final Quad value;
    private final double size;
    private final Term[] from;
    private final Quad[] slopes;
    private final double[] slopeSizes;
    private Quad gradient = Quad.ZERO;
    private double gradientSize;

    Term(Tape tape, Quad value, double size, Term[] from, Quad[] slopes, double[] slopeSizes) {
        this.tape = tape;
        this.value = value;
        this.size = size;
        this.from = from;
        this.slopes = slopes;
        this.slopeSizes = slopeSizes;
    }

    /**
     * Returns the number.
     *
     * @return its value
     */
    public Quad value() {
        return value;
    }

    /**
     * Returns how large its terms are.
     *
     * @return at least the magnitude of the value
     */
    public double size() {
        return size;
    }

    /**
     * Returns the gradient that {@link Tape#differentiate} has computed.
     *
     * @return the derivative of the loss by this term
     */
    public Quad gradient() {
        return gradient;
    }

    /**
     * Returns how large the terms of the gradient are.
     *
     * @return the sum of the sizes over all the ways the loss depends on this term
     */
    public double gradientSize() {
        return gradientSize;
    }

    void forget() {
        gradient = Quad.ZERO;
        gradientSize = 0;
    }

    void begin() {
        gradient = Quad.of(1);
        gradientSize = 1;
    }

    void passOn() {
        if (gradientSize == 0) {
            return;
        }
        for (int i = 0; i < from.length; i++) {
            from[i].gradient = from[i].gradient.plus(gradient.times(slopes[i]));
            from[i].gradientSize += Math.max(gradientSize * slopes[i].abs(), gradient.abs() * slopeSizes[i]);
        }
    }

    private Term function(Quad result, Quad slope) {
        return tape.add(result, Math.max(result.abs(), slope.abs() * size), new Term[] {this}, new Quad[] {slope},
                new double[] {slope.abs()});
    }

    private Term both(Term other, Quad result, double resultSize, Quad slope, double slopeSize, Quad otherSlope,
            double otherSlopeSize) {
        return tape.add(result, Math.max(resultSize, result.abs()), new Term[] {this, other},
                new Quad[] {slope, otherSlope}, new double[] {slopeSize, otherSlopeSize});
    }

    /**
     * Adds.
     *
     * @param other a term
     * @return the sum
     */
    public Term plus(Term other) {
        return both(other, value.plus(other.value), Math.max(size, other.size), Quad.of(1), 1, Quad.of(1), 1);
    }

    /**
     * Adds a constant.
     *
     * @param other a number
     * @return the sum
     */
    public Term plus(double other) {
        return plus(tape.term(Quad.of(other)));
    }

    /**
     * Subtracts.
     *
     * @param other a term
     * @return the difference
     */
    public Term minus(Term other) {
        return both(other, value.minus(other.value), Math.max(size, other.size), Quad.of(1), 1, Quad.of(-1), 1);
    }

    /**
     * Multiplies.
     *
     * @param other a term
     * @return the product
     */
    public Term times(Term other) {
        return both(other, value.times(other.value), Math.max(size * other.value.abs(), value.abs() * other.size),
                other.value, other.size, value, size);
    }

    /**
     * Multiplies by a constant.
     *
     * @param other a number
     * @return the product
     */
    public Term times(double other) {
        return times(tape.term(Quad.of(other)));
    }

    /**
     * Divides.
     *
     * @param other a term other than 0
     * @return the quotient
     */
    public Term over(Term other) {
        return times(other.function(Quad.of(1).over(other.value), Quad.of(-1).over(other.value).over(other.value)));
    }

    /**
     * Divides by a constant.
     *
     * @param other a number other than 0
     * @return the quotient
     */
    public Term over(double other) {
        return times(tape.term(Quad.of(1).over(other)));
    }

    /**
     * Returns 1/√ of a positive term.
     *
     * @return the reciprocal root
     */
    public Term reciprocalRoot() {
        Quad root = value.reciprocalRoot();
        return function(root, root.over(value).times(-0.5));
    }

    /**
     * Returns √ of a positive term.
     *
     * @return the root
     */
    public Term root() {
        Quad reciprocal = value.reciprocalRoot();
        return function(value.times(reciprocal), reciprocal.times(0.5));
    }

    /**
     * Returns the exponential.
     *
     * @return eˣ
     */
    public Term exp() {
        Quad e = QuadFunctions.exp(value);
        return function(e, e);
    }

    /**
     * Returns a power of a positive term. Who computes it as e<sup>p·ln x</sup> makes an error that grows with the exponent of
     * e, so its size does too.
     *
     * @param exponent any number
     * @return the power
     */
    public Term power(double exponent) {
        Quad product = QuadFunctions.log(value).times(exponent);
        Quad power = QuadFunctions.exp(product);
        return function(power, power.over(value).times(exponent)).sized(power.abs() * product.abs());
    }

    /**
     * Returns the magnitude; at 0, its slope is 0.
     *
     * @return the absolute value
     */
    public Term magnitude() {
        double sign = Math.signum(value.value());
        return function(value.times(sign == 0 ? 1 : sign), Quad.of(sign));
    }

    /**
     * Says how large the terms of this number are, where that is known better than from how it is written down: the
     * difference of a number and the mean, for example, is computed without losing digits.
     *
     * @param newSize the size, of which the magnitude of the value is taken if it is more
     * @return the same number
     */
    public Term sized(double newSize) {
        return tape.add(value, Math.max(newSize, value.abs()), new Term[] {this}, new Quad[] {Quad.of(1)},
                new double[] {1});
    }
}
