package normkit.spi;

/**
 * What kernels are told per set (or, for {@link ColumnKernels}, per wide column). With d = x − pivot,
 * <pre>
 * x̂ = fma(d, gain, offset)
 * </pre>
 * Forward, y is x̂ where γ and β are constant within a set, being part of gain and offset then; where one of them varies,
 * y = fma(x̂, γ, β), an absent γ being 1 and an absent β −0, which leaves every x̂ as it is, zeros included. Backward, with
 * g = dy, times γ where γ varies within a set:
 * <pre>
 * dx = fma(g, gradientGain, fma(d, projection, constant))
 * </pre>
 * x̂ is not formed for that: what the gradient takes of it is part of projection and constant, so that columns, each with
 * coefficients of its own, have four of them to load instead of six.
 * All are rounded to the element's type by whoever fills them; kernels only narrow.
 */
public final class Coefficients {

    /** The set that index 0 of the arrays stands for; always 0 for columns. */
    public long first;
    /** What is subtracted from x first: the mean rounded to the element's type; 0 where nothing is centred. */
    public final double[] pivot;
    /** Multiplies x − pivot: the reciprocal standard deviation, forward times a γ that is constant within the set. */
    public final double[] gain;
    /** Added to that: what the pivot lacks of the mean, times −gain, plus a β that is constant within the set. */
    public final double[] offset;
    /** Multiplies g. */
    public final double[] gradientGain;
    /** Multiplies x − pivot in the gradient: what is taken per x̂, times the reciprocal standard deviation. */
    public final double[] projection;
    /** Added in the gradient: what the mean of g takes, and what the pivot lacks of the mean. */
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
        gradientGain = new double[capacity];
        projection = new double[capacity];
        constant = new double[capacity];
    }
}
