package normkit.simd;

import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/**
 * The innermost loops, specialized for one combination of operands; those that are not there are null, parameters are on
 * the heap. An instance owns scratch memory and serves one thread at a time.
 */
abstract class Loops {

    /** The estimate of a mean from the elements i, j, k and l. */
    abstract double pivot(Tensor x, long i, long j, long k, long l);

    /**
     * Reads an element of every cache line of x, and of dy where there is one, from front to back: memory that is far away
     * comes sooner than the strides of the sums that follow would make it come.
     */
    abstract void touch(Tensor x, Tensor dy, long at, int n);

    /**
     * Sums sets of whole lane rows, block by block: of x − pivot and its square.
     *
     * @param at first element
     * @param stride elements from one set to the next
     * @param rows lane rows per set
     * @param set index of the first set in the coefficients
     * @param first 16 sums per set to add the first sum to
     * @param second 16 sums per set to add the second sum to
     */
    abstract <E> void sumLaneRows(Tensor x, long at, long stride, int sets, int rows, Coefficients c, int set,
            double[] first, double[] second);

    /**
     * Sums sets of whole lane rows, block by block: of g and g·x̂; see {@link #sumLaneRows}.
     *
     * @param parameter index of the first γ
     */
    abstract <E> void sumGradientLaneRows(Tensor x, Tensor dy, Tensor scale, long at, long stride, int sets, int rows,
            long parameter, Coefficients c, int set, double[] first, double[] second);

    /**
     * Sums any block of runs: of x − pivot and its square, or, where there is a dy, of g and g·x̂.
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

    /**
     * The forward formula over n elements, with the coefficients of a set, γ and β each starting at an index.
     *
     * @param ahead elements of x from here on are read on the way, so that they are near when their turn comes; −1 for none
     */
    abstract <E> void applyRun(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long scaleAt, long shiftAt,
            int n, Coefficients c, int set, long ahead);

    /** The backward formula over n elements, with the coefficients of a set, γ starting at an index. */
    abstract <E> void gradientRun(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long parameter, int n,
            Coefficients c, int set);

    /** Makes the sums of a number of columns 0, for the methods on columns that follow. */
    abstract void clearColumns(int columns);

    /** Adds the sums to sums in double, from index {@code at} on, and makes them 0. */
    abstract void flushColumns(double[] s1, double[] s2, int at);

    /** Adds a row of x to the sums. */
    abstract void addColumns(Tensor x, long at);

    /** Divides the sums by the number of rows. */
    abstract void columnMeans(int rows, double[] means);

    /**
     * Adds dy and dy·x̂ of pairs of rows, {@code stride} apart, each row with the coefficients of its set, to the sums, but
     * for the last columns, where no vector fits.
     */
    abstract <E> void addParameterRows(Tensor x, Tensor dy, long at, long stride, int pairs, Coefficients c, int set);

    /** Adds dy and dy·x̂ of one row to the sums, but for the last columns, where no vector fits. */
    abstract <E> void addParameterRow(Tensor x, Tensor dy, long at, Coefficients c, int set);

    /** Adds dy and dy·x̂ of the last columns of some rows, where no vector fits, to the sums. */
    abstract void addParameterRest(Tensor x, Tensor dy, long at, long stride, int rows, Coefficients c, int set);

    /**
     * Takes the coefficients of a wide row, for the methods that follow.
     *
     * @return how many elements {@link #applyColumns} calls a row: some wide rows
     */
    abstract int stage(Coefficients c, int width);

    /** Makes the sums 0 that {@link #sumWideRows} adds to. */
    abstract void clearWide();

    /**
     * Adds whole vectors of wide rows to sums: of x − pivot and its square, or, where there is a dy, of dy and dy·x̂. For
     * wide rows that are long: memory is read from front to back, and the sums are loaded and stored for every row.
     *
     * @param last length of the last row
     */
    abstract <E> void sumWideRows(Tensor x, Tensor dy, long at, int rows, int last);

    /** Makes what {@link #sumWideRows} has summed the sums of the block. */
    abstract void readWide();

    /**
     * Forms the same sums of whole wide rows, as the sums of the block. For wide rows that are short: a few vectors at a time
     * are summed from top to bottom, in registers.
     *
     * @return the first column that is left, for {@link #sumStrip}
     */
    abstract <E> int sumStrips(Tensor x, Tensor dy, long at, int rows);

    /** The same, one vector at a time. */
    abstract <E> void sumStrip(Tensor x, Tensor dy, long at, int rows, int from);

    /** Adds some elements of a wide row, which starts at index {@code at}, to the sums of the block. */
    abstract void addElements(Tensor x, Tensor dy, long at, int from, int to);

    /** Adds the sums of the block to sums in double. */
    abstract void flushWide(double[] s1, double[] s2);

    /** The forward formula over some rows as {@link #stage} counts them, or, where there is a dy, the backward formula. */
    abstract <E> void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int rows, int last);
}
