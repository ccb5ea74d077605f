package normkit.scalar;

import normkit.spi.Coefficients;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * The loops over staged elements, in one element type: a block of a run, or a row of a matrix, copied to an array of its
 * own whatever carrier it came from, so that there is one loop for all and C2 sees what overlaps what. An instance holds
 * the staging arrays, the lanes of a sum and the coefficients of columns; it serves one thread at a time.
 *
 * <p>{@link FloatArithmetic} and {@link DoubleArithmetic} are twins: what one does the other does in its own type.
 */
abstract class Arithmetic {

    /**
     * Iterations a vectorized loop runs over its end, into room nobody reads: C2 does one iteration before and one after
     * its vectors by scalar code, and would otherwise do up to a whole vector's worth.
     */
    static final int PEELED = 2;

    /** How often a loop over n elements iterates: whole vectors of up to 16 elements, and those peeled off. */
    static int vectorTrips(int n) {
        return (n + 15) / 16 * 16 + PEELED;
    }

    static Arithmetic of(DataType type) {
        return switch (type) {
            case F32 -> new FloatArithmetic();
            case F64 -> new DoubleArithmetic();
        };
    }

    private final Staged x = new Staged();
    private final Staged gradient = new Staged();
    private final Staged scale = new Staged();
    private final Staged shift = new Staged();

    /** Forgets what is staged: memory may have changed. */
    final void forget() {
        x.forget();
        gradient.forget();
        scale.forget();
        shift.forget();
    }

    /** Stages a piece of x at the start of the block, if it is not there already. */
    final void stage(Tensor tensor, long start, int n) {
        if (x.becomes(tensor, start, n)) {
            load(tensor, start, n, 0);
        }
    }

    /** Stages a piece of x somewhere in the block. */
    final void stage(Tensor tensor, long start, int n, int at) {
        x.forget();
        load(tensor, start, n, at);
    }

    /** Stages a piece of dy at the start of its block, if it is not there already. */
    final void stageGradient(Tensor tensor, long start, int n) {
        if (gradient.becomes(tensor, start, n)) {
            loadGradient(tensor, start, n, 0);
        }
    }

    /** Stages a piece of dy somewhere in its block. */
    final void stageGradient(Tensor tensor, long start, int n, int at) {
        gradient.forget();
        loadGradient(tensor, start, n, at);
    }

    /** Stages γ, 1 if it is null, if it is not there already; the rest of a block is 1. */
    final void stageScale(Tensor tensor, long start, int n) {
        if (scale.becomes(tensor, start, n)) {
            loadScale(tensor, start, n);
        }
    }

    /** Stages β, −0 if it is null, if it is not there already; the rest of a block is −0. */
    final void stageShift(Tensor tensor, long start, int n) {
        if (shift.becomes(tensor, start, n)) {
            loadShift(tensor, start, n);
        }
    }

    /** Copies n results, which have taken the place of x in the block, to memory. */
    final void store(Tensor y, long start, int n) {
        x.forget();
        save(y, start, n);
    }

    abstract void load(Tensor tensor, long start, int n, int at);

    abstract void loadGradient(Tensor tensor, long start, int n, int at);

    abstract void loadScale(Tensor tensor, long start, int n);

    abstract void loadShift(Tensor tensor, long start, int n);

    abstract void save(Tensor y, long start, int n);

    /** Fills a gap in the staged block with a value. */
    abstract void pad(int from, int to, double value);

    /** Fills a gap in the staged block of gradients with 0. */
    abstract void padGradient(int from, int to);

    /** The estimate of a mean from the staged elements a, b, c and d. */
    abstract double pivot(int a, int b, int c, int d);

    /** Adds x − pivot and its square over the staged block, folded to 16 lanes, to the sums. */
    abstract void addShifted(double pivot, double[] first, double[] second);

    /** Adds g and g·x̂ over the staged blocks and γ, folded to 16 lanes, to the sums. */
    abstract void addGradients(double pivot, double gain, double offset, double[] first, double[] second);

    /** y = fma(x − pivot, gain, offset), in place over n staged elements. */
    abstract void apply(int n, double pivot, double gain, double offset);

    /** The forward formula with the staged γ and β. */
    abstract void applyElementwise(int n, double pivot, double gain, double offset);

    /** dx = fma(dy·γ, gradientGain, fma(x − pivot, projection, constant)) with the staged γ, in place of the staged x. */
    abstract void gradient(int n, double pivot, double gradientGain, double projection, double constant);

    /** Makes the column sums zero and sees that there is room for {@code width} of them. */
    abstract void clearColumns(int width);

    /** Narrows the coefficients of columns: those of x̂ and of the forward formula. */
    abstract void stageColumns(Coefficients c, int width);

    /** Narrows the coefficients of columns: those of the backward formula. */
    abstract void stageGradientColumns(Coefficients c, int width);

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
