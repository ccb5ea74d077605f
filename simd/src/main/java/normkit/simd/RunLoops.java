package normkit.simd;

import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/**
 * The innermost loops over runs, specialized for one combination of operands; those that are not there are null, parameters
 * are on the heap. An instance owns scratch memory and serves one thread at a time.
 */
abstract class RunLoops {

    /** Most sets that are summed in one go. */
    static final int SETS = 16;

    /**
     * Estimates the means of sets, {@code stride} apart, from four elements each.
     *
     * @param i the first of them in the first set, as are j, k and l
     * @param set index of the first set in the coefficients, which receive the pivots
     */
    abstract void pivots(Tensor x, long i, long j, long k, long l, long stride, int sets, Coefficients c, int set);

    /**
     * Sums sets of whole lane rows, block by block: of x − pivot and its square.
     *
     * @param at first element
     * @param stride elements from one set to the next
     * @param sets at most {@link #SETS}
     * @param rows lane rows per set
     * @param open whether the last block, of a single set, goes on: its sums then stay in the lanes, for {@link #sumRuns}
     * @param set index of the first set in the coefficients
     * @param first 16 sums per set to add the first sum to
     * @param second 16 sums per set to add the second sum to
     */
    abstract <E> void sumLaneRows(Tensor x, long at, long stride, int sets, int rows, boolean open, Coefficients c,
            int set, double[] first, double[] second);

    /**
     * Sums sets of whole lane rows, block by block: of g and g·x̂; see {@link #sumLaneRows}.
     *
     * @param parameter index of the first γ
     */
    abstract <E> void sumGradientLaneRows(Tensor x, Tensor dy, Tensor scale, long at, long stride, int sets, int rows,
            boolean open, long parameter, Coefficients c, int set, double[] first, double[] second);

    /**
     * Sums any block of runs: of x − pivot and its square, or, where there is a dy, of g and g·x̂.
     *
     * @param at first element of the first run
     * @param stride elements from one run to the next
     * @param runs number of runs
     * @param length elements per run
     * @param open whether the lanes hold the sums of the block's first lane rows
     * @param parameter index of the first γ
     * @param first 16 sums to add the first sum to
     * @param second 16 sums to add the second sum to
     */
    abstract <E> void sumRuns(Tensor x, Tensor dy, Tensor scale, long at, long stride, int runs, int length,
            boolean open, long parameter, double pivot, double gain, double offset, double[] first, double[] second);

    /**
     * The forward formula over runs of n elements, γ and β each starting at an index for every run.
     *
     * @param at first element of the first run
     * @param stride elements from one run to the next
     * @param set index of the first run's set in the coefficients
     * @param nextSet from one run's set to that of the next: 0 if they belong to the same, otherwise 1
     * @param ahead how far from an element there is one that is read on the way, so that it is near when its turn comes
     * @param aheadRuns how many runs have such elements
     */
    abstract <E> void applyRuns(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long stride, int runs,
            long scaleAt, long shiftAt, int n, Coefficients c, int set, int nextSet, long ahead, int aheadRuns);

    /** The backward formula over runs of n elements, γ starting at an index for every run; see {@link #applyRuns}. */
    abstract <E> void gradientRuns(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long stride, int runs,
            long parameter, int n, Coefficients c, int set, int nextSet);

    /** Makes the sums of a number of columns 0, for the methods that follow. */
    abstract void clearColumns(int columns);

    /**
     * Adds dy and dy·x̂ of pairs of rows, {@code stride} apart, each row with the coefficients of its set, to the sums, but
     * for the last columns, where no vector fits.
     */
    abstract <E> void addParameterRows(Tensor x, Tensor dy, long at, long stride, int pairs, Coefficients c, int set);

    /** Adds dy and dy·x̂ of one row to the sums, but for the last columns, where no vector fits. */
    abstract <E> void addParameterRow(Tensor x, Tensor dy, long at, Coefficients c, int set);

    /** Adds dy and dy·x̂ of the last columns of some rows, where no vector fits, to the sums. */
    abstract void addParameterRest(Tensor x, Tensor dy, long at, long stride, int rows, Coefficients c, int set);

    /** Adds the sums to sums in double, from index {@code at} on. */
    abstract void flushColumns(double[] s1, double[] s2, int at);
}
