package normkit.engine;

import java.util.Arrays;
import normkit.moments.Normalization;
import normkit.moments.ShiftedSums;
import normkit.spi.Problem;

/**
 * Sums of the columns of a matrix, gathered chunk by chunk as {@link ShiftedSums} are, and what those and
 * {@link SetValues#take} make of them where every column is a set: loops over arrays, so that the divisions and the root of
 * one column do not wait for those of another.
 */
final class ColumnSums {

    private final int cols;
    private final double epsilon;
    private final double count;
    private final double leastSquares;
    private final double[] s1;
    private final double[] s1Low;
    private final double[] s2;
    private final double[] s2Low;
    private final boolean[] ordinary;

    /**
     * Makes room for sums.
     *
     * @param cols number of columns
     * @param count number of values of a column
     */
    ColumnSums(Problem problem, int cols, double count) {
        this.cols = cols;
        this.epsilon = problem.epsilon();
        this.count = count;
        this.leastSquares = Trust.of(problem.type()).leastMeanSquare() * count;
        this.s1 = new double[cols];
        this.s1Low = new double[cols];
        this.s2 = new double[cols];
        this.s2Low = new double[cols];
        this.ordinary = new boolean[cols];
    }

    void clear() {
        Arrays.fill(s1, 0);
        Arrays.fill(s1Low, 0);
        Arrays.fill(s2, 0);
        Arrays.fill(s2Low, 0);
    }

    /** Adds a chunk's sums of wide columns, several of which may be of one column. */
    void add(double[] first, double[] second) {
        for (int at = 0; at < first.length; at += cols) {
            add(first, at, s1, s1Low);
            add(second, at, s2, s2Low);
        }
    }

    private void add(double[] from, int at, double[] high, double[] low) {
        for (int j = 0; j < cols; j++) {
            double more = from[at + j];
            double sum = high[j] + more;
            low[j] += ShiftedSums.twoSumError(high[j], more, sum);
            high[j] = sum;
        }
    }

    /** Copies the sums of a column. */
    void get(int j, ShiftedSums to) {
        to.set(s1[j], s1Low[j], s2[j], s2Low[j]);
    }

    /** Tells whether the sums of all columns can be trusted and have good pivots, and keeps for each if that is so of it. */
    boolean allOrdinary() {
        boolean all = true;
        for (int j = 0; j < cols; j++) {
            ordinary[j] = ShiftedSums.trusted(s1[j], s2[j], leastSquares)
                    && !ShiftedSums.poor(s1[j] * (s1[j] / count), s2[j]);
            all &= ordinary[j];
        }
        return all;
    }

    /** What {@link #allOrdinary} found of a column. */
    boolean ordinary(int j) {
        return ordinary[j];
    }

    /** Takes the moments of all columns; those of columns that are not ordinary are to be replaced. */
    void settle(double[] pivot, SetValues values) {
        double[] mean = values.mean;
        double[] meanLow = values.meanLow;
        double[] variance = values.variance;
        for (int j = 0; j < cols; j++) {
            double q = (s1[j] + s1Low[j]) / count;
            double high = pivot[j] + q;
            double low = ShiftedSums.rest(pivot[j], q, s1[j], s1Low[j], count);
            mean[j] = high + low;
            meanLow[j] = low - (mean[j] - high);
            variance[j] = ShiftedSums.m2(s1[j], q, s2[j], s2Low[j]) / count;
        }
        Normalization.rstd(variance, epsilon, cols, values.rstd);
    }
}
