package normkit.tables;

import java.util.Arrays;
import java.util.Objects;
import normkit.bulk.Doubles;
import normkit.moments.Moments;
import normkit.tensor.Tensor;

/**
 * Count, mean and variance of every column of a table, gathered part by part: what was {@link #add added} by several threads or
 * machines, each to an accumulator of its own, is {@link #merge merged} afterwards. Not thread-safe; allocates nothing per
 * {@code add}.
 *
 * <p>Rows are taken in blocks of ⌊16384/columns⌋, at least one, in order. In a block a column's mean and squared differences from
 * it are formed by two passes in double, relative to the block's first value, so that equal values have a variance of exactly 0;
 * blocks are merged by Chan's formula with the mean as a sum of two doubles. Never by sums of squares: the variance keeps its
 * digits whatever the mean. How a table is cut into parts changes results by rounding errors of double only.
 *
 * <p>Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances", 1979.
 */
public final class ColumnMoments {

    private static final int BLOCK = 16384;

    private final NanPolicy policy;
    private final Moments[] columns;
    private final Moments block = new Moments();
    private final int blockRows;
    private final Doubles doubles = new Doubles();
    private final double[] values;
    private final double[] pivot;
    private final double[] count;
    private final double[] sum;
    private final double[] rest;
    private final double[] squares;
    private long rows;

    private ColumnMoments(int columns, NanPolicy policy) {
        this.policy = policy;
        this.columns = new Moments[columns];
        Arrays.setAll(this.columns, c -> new Moments());
        blockRows = Math.max(1, BLOCK / columns);
        values = new double[blockRows * columns];
        pivot = new double[columns];
        count = new double[columns];
        sum = new double[columns];
        rest = new double[columns];
        squares = new double[columns];
    }

    /**
     * Makes an accumulator that has seen nothing and treats NaN as missing.
     *
     * @param columns how many columns rows have, at least 1
     * @return the accumulator
     * @throws IllegalArgumentException if there are no columns
     */
    public static ColumnMoments over(int columns) {
        return over(columns, NanPolicy.OMIT);
    }

    /**
     * Makes an accumulator that has seen nothing.
     *
     * @param columns how many columns rows have, at least 1
     * @param policy what to do with NaN
     * @return the accumulator
     * @throws IllegalArgumentException if there are no columns
     */
    public static ColumnMoments over(int columns, NanPolicy policy) {
        return new ColumnMoments(Table.requireColumns(columns), Objects.requireNonNull(policy, "policy"));
    }

    /**
     * Adds rows.
     *
     * @param part rows of the table: a tensor of layout rows whose last axis counts columns
     * @throws IllegalArgumentException if it has other columns, or has a NaN and the policy is to reject that
     */
    public void add(Tensor part) {
        long end = Table.requireRows("part", part, columns.length);
        if (policy == NanPolicy.REJECT) {
            Table.requireNumbers("part", part, columns.length, doubles, values);
        }
        for (long row = 0; row < end; row += blockRows) {
            int n = (int) Math.min(blockRows, end - row);
            doubles.read(part, row * columns.length, n * columns.length, values, 0);
            addBlock(n);
        }
        rows += end;
    }

    private void addBlock(int n) {
        findPivots(n);
        Arrays.fill(count, 0);
        Arrays.fill(sum, 0);
        for (int at = 0; at < n * pivot.length; at += pivot.length) {
            for (int c = 0; c < pivot.length; c++) {
                double v = values[at + c];
                boolean counts = v == v || policy != NanPolicy.OMIT;
                count[c] += counts ? 1 : 0;
                sum[c] += counts ? v - pivot[c] : 0;
            }
        }
        Arrays.fill(rest, 0);
        Arrays.fill(squares, 0);
        for (int c = 0; c < pivot.length; c++) {
            // From here on the mean's distance from the pivot.
            sum[c] = count[c] == 0 ? 0 : sum[c] / count[c];
        }
        for (int at = 0; at < n * pivot.length; at += pivot.length) {
            for (int c = 0; c < pivot.length; c++) {
                double v = values[at + c];
                double d = v == v || policy != NanPolicy.OMIT ? v - pivot[c] - sum[c] : 0;
                rest[c] += d;
                squares[c] += d * d;
            }
        }
        for (int c = 0; c < pivot.length; c++) {
            if (count[c] > 0) {
                mergeBlock(c);
            }
        }
    }

    /** The first value of each column of the block that counts; 0 if that is infinite. */
    private void findPivots(int n) {
        System.arraycopy(values, 0, pivot, 0, pivot.length);
        for (int c = 0; c < pivot.length; c++) {
            for (int row = 1; row < n && Double.isNaN(pivot[c]); row++) {
                pivot[c] = values[row * pivot.length + c];
            }
            if (!Double.isFinite(pivot[c])) {
                pivot[c] = 0;
            }
        }
    }

    private void mergeBlock(int c) {
        double shift = sum[c] + rest[c] / count[c];
        double mean = pivot[c] + shift;
        double part = mean - pivot[c];
        double low = (pivot[c] - (mean - part)) + (shift - part);
        double m2 = Math.max(0, squares[c] - rest[c] * (rest[c] / count[c]));
        block.set(count[c], mean, Double.isFinite(low) ? low : 0, m2);
        columns[c].merge(block);
    }

    /**
     * Adds what another accumulator has seen.
     *
     * @param other an accumulator over as many columns, with the same policy; stays as it is
     * @throws IllegalArgumentException if the numbers of columns or the policies differ, or it is this one
     */
    public void merge(ColumnMoments other) {
        if (other == this) {
            throw new IllegalArgumentException("other is this accumulator; it must be another");
        }
        if (other.columns.length != columns.length || other.policy != policy) {
            throw new IllegalArgumentException("other is over " + other.columns.length + " columns with policy "
                    + other.policy + "; it must be over " + columns.length + " with " + policy);
        }
        for (int c = 0; c < columns.length; c++) {
            columns[c].merge(other.columns[c]);
        }
        rows += other.rows;
    }

    /**
     * Returns how many columns there are.
     *
     * @return the number
     */
    public int columns() {
        return columns.length;
    }

    /**
     * Returns how many rows have been added.
     *
     * @return the number, rows with NaN included
     */
    public long rows() {
        return rows;
    }

    /**
     * Returns how many values of a column count.
     *
     * @param column 0 … columns − 1
     * @return the number
     */
    public long count(int column) {
        return (long) columns[column].count();
    }

    /**
     * Returns the mean of a column.
     *
     * @param column 0 … columns − 1
     * @return the mean, rounded to double; 0 if no value counts
     */
    public double mean(int column) {
        return columns[column].mean();
    }

    /**
     * Returns what {@link #mean} lacks of the mean.
     *
     * @param column 0 … columns − 1
     * @return at most half an ulp of the mean
     */
    public double meanLow(int column) {
        return columns[column].meanLow();
    }

    /**
     * Returns the biased variance of a column.
     *
     * @param column 0 … columns − 1
     * @return the mean of the squared differences from the mean; 0 if no value counts
     */
    public double variance(int column) {
        return columns[column].variance();
    }
}
