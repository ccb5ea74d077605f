package normkit.scalar;

import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * The loops over staged elements, in one element type. An instance holds the staging arrays, the lanes of a sum in
 * progress and the coefficients of columns; it serves one thread at a time.
 *
 * <p>{@link FloatArithmetic} and {@link DoubleArithmetic} are twins: what one does the other does in its own type.
 */
abstract class Arithmetic {

    /** Lane rows that one call of a vectorized loop adds. */
    static final int UNROLL = 8;
    /** Elements per such call. */
    static final int PIECE = UNROLL * normkit.geometry.Lanes.LANES;

    static Arithmetic of(DataType type) {
        return switch (type) {
            case F32 -> new FloatArithmetic();
            case F64 -> new DoubleArithmetic();
        };
    }

    /** The estimate of a mean from four groups of {@code m} elements at {@code starts}. */
    abstract double pivot(Tensor x, long[] starts, int m);

    /** Makes all lanes zero. */
    abstract void clearLanes();

    /** Adds x − pivot and its square to the lanes, starting at lane 0. */
    abstract void addShifted(Tensor x, long start, int n, double pivot);

    /** Prepares γ for {@link #addGradients}: elements {@code at} … of the tensor, or 1 if it is null. */
    abstract void stageScale(Tensor scale, long at, int n);

    /** Adds g and g·x̂ to the lanes, starting at lane 0; γ has been staged. */
    abstract void addGradients(Tensor dy, Tensor x, long start, int n, double pivot, double gain, double offset);

    /** Folds the lanes of the first sum. */
    abstract double foldFirst();

    /** Folds the lanes of the second sum. */
    abstract double foldSecond();

    /** y = fma(fma(x − pivot, gain, offset), scale, shift). */
    abstract void apply(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset, double scale,
            double shift);

    /** Prepares β, or γ, for {@link #applyElementwise}: elements {@code at} … of the tensor, or the constant if null. */
    abstract void stageParameters(Tensor scale, Tensor shift, long at, int n, double absentScale, double absentShift);

    /** The forward formula with the staged γ and β. */
    abstract void applyElementwise(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset);

    /** dx = fma(dy·γ, gradientGain, fma(x̂, projection, constant)) with the staged γ. */
    abstract void gradient(Tensor dy, Tensor x, Tensor dx, long start, int n, double pivot, double gain, double offset,
            double gradientGain, double projection, double constant);

    /** Makes the column sums zero and sees that there is room for {@code width} of them. */
    abstract void clearColumns(int width);

    /** Narrows the coefficients of columns. */
    abstract void stageColumns(normkit.spi.Coefficients c, int width);

    /** Adds one wide row of x − pivot and its square to the column sums. */
    abstract void addShiftedRow(Tensor x, long start, int n);

    /** Adds one wide row of dy and dy·x̂ to the column sums. */
    abstract void addGradientRow(Tensor dy, Tensor x, long start, int n);

    /** Adds dy and dy·x̂ of one set to the column sums, with the coefficients of the set. */
    abstract void addParameterRow(Tensor dy, Tensor x, long start, int n, double pivot, double gain, double offset);

    /** Adds the column sums to sums in double. */
    abstract void flushColumns(double[] first, double[] second, int at, int width);

    /** The forward formula for one wide row. */
    abstract void applyRow(Tensor x, Tensor y, long start, int n);

    /** The backward formula for one wide row. */
    abstract void gradientRow(Tensor dy, Tensor x, Tensor dx, long start, int n);

    /** The estimate of each column's mean from eight rows. */
    abstract void columnPivots(Tensor x, long[] starts, int n, double[] pivot);
}
