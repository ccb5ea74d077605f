package normkit.simd;

import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/**
 * The innermost loops over columns, specialized for one combination of operands; those that are not there are null. An
 * instance owns scratch memory and serves one thread at a time.
 */
abstract class ColumnLoops {

    /** Takes the coefficients of a wide row, for sums and for the forward formula. */
    abstract void stage(Coefficients c, int width);

    /** Takes the coefficients of a wide row, for the backward formula. */
    abstract void stageGradient(Coefficients c, int width);

    /** How many elements {@link #applyColumns} calls a row: some wide rows. */
    abstract int span();

    /** Makes the sums 0 that {@link #sumWideRows} adds to. */
    abstract void clearWide();

    /**
     * Adds whole vectors of wide rows to sums: of x − pivot and its square, or, where there is a dy, of dy and dy·x̂. For
     * wide rows that are long: memory is read from front to back, and the sums are loaded and stored for every row.
     *
     * @param at the first element
     * @param column its column
     * @param last where the last row ends, counted from that column; rows before it end where the next one starts
     */
    abstract <E> void sumWideRows(Tensor x, Tensor dy, long at, int column, int rows, int last);

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

    /**
     * The forward formula over some rows of {@link #span} elements, or, where there is a dy, the backward formula.
     *
     * @param at as for {@link #sumWideRows}
     * @param column as for {@link #sumWideRows}
     * @param last as for {@link #sumWideRows}
     */
    abstract <E> void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int column, int rows, int last);
}
