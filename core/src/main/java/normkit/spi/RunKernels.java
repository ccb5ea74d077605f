package normkit.spi;

import normkit.geometry.Runs;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The kernels for sets of contiguous runs. They know memory and no technique. Work is given in chunks: chunk i is chunk
 * {@code i mod form.chunks()} of set {@code i / form.chunks()}; values per set are at index {@code set − c.first}.
 *
 * <p>An instance owns scratch memory and serves one thread at a time. Every kernel reads an element before it writes the
 * one at the same place, and nothing it has written, so outputs may be in place. The canonical order of every sum is
 * defined in docs/numerics.md; it depends neither on the range asked for nor on the carrier.
 */
public interface RunKernels {

    /**
     * Announces a run: memory may have changed, so whatever was kept of it is to be forgotten. Within a run, what is read
     * changes only where the run itself writes.
     */
    void begin();

    /**
     * Returns how much of x to hand over at once.
     *
     * @param form the sets
     * @param x shape and type of the data
     * @param gradient whether dy is read beside x
     * @param elementwise whether every element of a set has a γ or β of its own, the same for all sets
     * @return bytes of the sets in a tile, of which each kernel is run before the next tile's turn
     */
    long tileBytes(Runs form, TensorSpec x, boolean gradient, boolean elementwise);

    /**
     * Estimates the mean of sets from a sample: {@code c.pivot[set − c.first]}.
     *
     * @param form the sets
     * @param x data
     * @param from first set
     * @param to end set
     * @param c receives the pivots
     */
    void pivots(Runs form, Tensor x, long from, long to, Coefficients c);

    /**
     * Sums shifted values: S1 = Σ(x − pivot) to {@code sums[2j]}, S2 = Σ(x − pivot)² to {@code sums[2j + 1]}, j counting
     * chunks from {@code from}.
     *
     * @param form the sets
     * @param x data
     * @param from first chunk
     * @param to end chunk
     * @param c pivots
     * @param sums receives two values per chunk
     */
    void sums(Runs form, Tensor x, long from, long to, Coefficients c, double[] sums);

    /**
     * Applies the forward formula of {@link Coefficients}.
     *
     * @param form the sets
     * @param x input
     * @param from first chunk
     * @param to end chunk
     * @param c pivot, gain, offset
     * @param scale γ per element of a set, or null
     * @param shift β per element of a set, or null
     * @param y output
     */
    void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y);

    /**
     * Sums gradients: Σg to {@code sums[2j]} and Σg·x̂ to {@code sums[2j + 1]}, j counting chunks from {@code from}.
     *
     * @param form the sets
     * @param dy gradient of the output
     * @param x input
     * @param from first chunk
     * @param to end chunk
     * @param c pivot, gain, offset
     * @param scale γ per element of a set, g = dy·γ, or null for g = dy
     * @param sums receives two values per chunk
     */
    void gradientSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale, double[] sums);

    /**
     * Applies the backward formula of {@link Coefficients}.
     *
     * @param form the sets
     * @param dy gradient of the output
     * @param x input
     * @param from first chunk
     * @param to end chunk
     * @param c pivot, gradientGain, projection, constant
     * @param scale γ per element of a set, g = dy·γ, or null for g = dy
     * @param dx output
     */
    void gradientApply(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor dx);

    /**
     * Adds, for every element of a set, the sums over sets of dy to {@code dshift} and of dy·x̂ to {@code dscale}: in
     * blocks of {@link normkit.geometry.Lanes#ROW_DEPTH} sets from the first on, each summed in the element's type in index
     * order and then added in double. The form has one run per set.
     *
     * @param form the sets
     * @param dy gradient of the output
     * @param x input
     * @param from first set
     * @param to end set
     * @param c pivot, gain, offset
     * @param dscale accumulates one value per element
     * @param dshift accumulates one value per element
     */
    void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift);
}
