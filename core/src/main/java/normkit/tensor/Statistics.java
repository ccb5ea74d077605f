package normkit.tensor;

/**
 * The tensors that hold one mean, variance or reciprocal standard deviation per set of elements; any may be absent
 * (null). A forward pass fills those that are there, so that a backward pass can use them; an inference or frozen pass
 * reads them.
 *
 * <p>Each is f64 or of x's type. f64 keeps a gradient accurate where the mean is large against the standard deviation;
 * an f32 mean is itself off by half an ulp of the mean.
 *
 * @param mean one mean per set, or null
 * @param variance one biased variance (divided by the count) per set, ε not included, or null
 * @param rstd one 1/√(variance + ε) per set, or null
 */
public record Statistics(Tensor mean, Tensor variance, Tensor rstd) {

    /** No statistics: a forward pass that saves none. */
    public static final Statistics NONE = new Statistics(null, null, null);

    /**
     * What PyTorch saves for the backward pass.
     *
     * @param mean one mean per set
     * @param rstd one reciprocal standard deviation per set
     * @return the bundle
     */
    public static Statistics meanAndRstd(Tensor mean, Tensor rstd) {
        return new Statistics(mean, null, rstd);
    }

    /**
     * What running statistics consist of.
     *
     * @param mean one mean per set
     * @param variance one variance per set
     * @return the bundle
     */
    public static Statistics meanAndVariance(Tensor mean, Tensor variance) {
        return new Statistics(mean, variance, null);
    }

    /**
     * Allocates f64 tensors for mean and rstd on the heap.
     *
     * @param spec shape of one statistic
     * @return the bundle
     */
    public static Statistics allocate(TensorSpec spec) {
        TensorSpec wide = spec.as(DataType.F64);
        return meanAndRstd(Tensor.allocate(wide), Tensor.allocate(wide));
    }
}
