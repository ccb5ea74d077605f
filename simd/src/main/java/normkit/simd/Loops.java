package normkit.simd;

import normkit.geometry.Columns;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/**
 * The innermost loops, specialized for one combination of operands. Operands a combination does not have are null. An
 * instance owns scratch memory and serves one thread at a time.
 */
abstract class Loops {

    /** The estimate of a mean from four groups of m elements that start at i, j, k and l. */
    abstract double pivot(Tensor x, long i, long j, long k, long l, int m);

    /**
     * Sums a block of runs: of x − pivot and its square, or, where there is a dy, of g and g·x̂.
     *
     * @param at first element of the first run
     * @param stride elements from one run to the next
     * @param runs number of runs
     * @param length elements per run
     * @param parameter index of the first γ
     * @param first 16 sums to add the first sum to
     * @param second 16 sums to add the second sum to
     */
    abstract <E> void sumRuns(Tensor x, Tensor dy, Tensor scale, long at, long stride, int runs, int length,
            long parameter, double pivot, double gain, double offset, double[] first, double[] second);

    /** The forward formula over n elements, with the coefficients of a set, γ and β starting at an index. */
    abstract <E> void applyRun(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long parameter, int n,
            Coefficients c, int set);

    /** The backward formula over n elements, with the coefficients of a set, γ starting at an index. */
    abstract <E> void gradientRun(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long parameter, int n,
            Coefficients c, int set);

    /** Adds dy and dy·x̂ of a few rows of n elements, each with the coefficients of its set, to sums per element. */
    abstract void parameterRows(Tensor x, Tensor dy, long at, int n, int rows, Coefficients c, int set, double[] dscale,
            double[] dshift);

    /** The estimate of a column's mean. */
    abstract double columnPivot(Tensor x, Columns form, long matrix, int column);

    /** Takes the coefficients of a wide row, for the methods that follow. */
    abstract void stage(Coefficients c, int width);

    /** Adds the sums over a few wide rows, the last perhaps with fewer elements, to sums per wide column. */
    abstract void sumColumns(Tensor x, Tensor dy, long at, int rows, int last, double[] s1, double[] s2);

    /** The forward formula over a few wide rows, or, where there is a dy, the backward formula. */
    abstract void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int rows, int last);
}
