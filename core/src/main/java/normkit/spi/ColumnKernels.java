package normkit.spi;

import normkit.geometry.Columns;
import normkit.tensor.Tensor;

/**
 * The kernels for sets in columns. Values per column are given and returned per wide column (see {@link Columns}), index 0
 * … {@code form.width()} − 1; chunks are those of one matrix. Otherwise as {@link RunKernels}.
 */
public interface ColumnKernels {

    /**
     * Estimates the mean of every column of a matrix from a sample of rows: {@code c.pivot[column]}, one per column of the
     * matrix (not yet repeated over the wide row).
     *
     * @param form the columns
     * @param x data
     * @param matrix which matrix
     * @param c receives the pivots
     */
    void pivots(Columns form, Tensor x, long matrix, Coefficients c);

    /**
     * Sums shifted values of one chunk: Σ(x − pivot) and Σ(x − pivot)² per wide column.
     *
     * @param form the columns
     * @param x data
     * @param matrix which matrix
     * @param chunk which chunk of it
     * @param c pivots per wide column
     * @param s1 receives Σ(x − pivot) per wide column
     * @param s2 receives Σ(x − pivot)² per wide column
     */
    void sums(Columns form, Tensor x, long matrix, int chunk, Coefficients c, double[] s1, double[] s2);

    /**
     * Applies the forward formula of {@link Coefficients}.
     *
     * @param form the columns
     * @param x input
     * @param matrix which matrix
     * @param chunk which chunk of it
     * @param c pivot, gain, offset per wide column
     * @param y output
     */
    void apply(Columns form, Tensor x, long matrix, int chunk, Coefficients c, Tensor y);

    /**
     * Sums gradients of one chunk: Σdy and Σdy·x̂ per wide column.
     *
     * @param form the columns
     * @param dy gradient of the output
     * @param x input
     * @param matrix which matrix
     * @param chunk which chunk of it
     * @param c pivot, gain, offset per wide column
     * @param s1 receives Σdy per wide column
     * @param s2 receives Σdy·x̂ per wide column
     */
    void gradientSums(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, double[] s1,
            double[] s2);

    /**
     * Applies the backward formula of {@link Coefficients}, g = dy.
     *
     * @param form the columns
     * @param dy gradient of the output
     * @param x input
     * @param matrix which matrix
     * @param chunk which chunk of it
     * @param c pivot, gradientGain, projection, constant per wide column
     * @param dx output
     */
    void gradientApply(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, Tensor dx);
}
