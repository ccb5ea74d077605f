package normkit.spi;

/**
 * What kernels are told per set (or, for {@link ColumnKernels}, per wide column). Forward, with d = x − pivot:
 * <pre>
 * x̂ = fma(d, gain, offset)        y = fma(x̂, scale, shift)
 * </pre>
 * and backward, with g = dy, times γ where γ varies within a set:
 * <pre>
 * dx = fma(g, gradientGain, fma(x̂, projection, constant))
 * </pre>
 * All are rounded to the element's type by whoever fills them; kernels only narrow. An absent γ is 1, an absent β is −0,
 * which leaves every x̂ as it is, zeros included.
 */
public final class Coefficients {

    /** The set that index 0 of the arrays stands for; always 0 for columns. */
    public long first;
    /** What is subtracted from x first: the mean rounded to the element's type; 0 where nothing is centred. */
    public final double[] pivot;
    /** Multiplies x − pivot: the reciprocal standard deviation. */
    public final double[] gain;
    /** Added to that: what the pivot lacks of the mean, times −gain; −0 where nothing is centred. */
    public final double[] offset;
    /** γ where it is constant within a set. */
    public final double[] scale;
    /** β where it is constant within a set. */
    public final double[] shift;
    /** Multiplies g. */
    public final double[] gradientGain;
    /** Multiplies x̂ in the gradient. */
    public final double[] projection;
    /** Added in the gradient. */
    public final double[] constant;

    /**
     * Makes room for some sets.
     *
     * @param capacity number of sets
     */
    public Coefficients(int capacity) {
        pivot = new double[capacity];
        gain = new double[capacity];
        offset = new double[capacity];
        scale = new double[capacity];
        shift = new double[capacity];
        gradientGain = new double[capacity];
        projection = new double[capacity];
        constant = new double[capacity];
    }
}
