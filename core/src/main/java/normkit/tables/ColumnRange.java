package normkit.tables;

import java.util.Arrays;
import java.util.Objects;
import normkit.bulk.Doubles;
import normkit.parts.Slices;
import normkit.tensor.Tensor;

/**
 * The least and the largest value of every column of a table, gathered part by part, in any order and by several accumulators if
 * wanted; see {@link ColumnMoments}. Not thread-safe; allocates nothing per {@code add}.
 */
public final class ColumnRange {

    private final NanPolicy policy;
    private final double[] least;
    private final double[] largest;
    private final Slices slices;
    private final Doubles doubles = new Doubles();
    private final double[] values = new double[Doubles.BLOCK];
    private final double[] negated = new double[Doubles.BLOCK];
    private long rows;

    private ColumnRange(int columns, NanPolicy policy) {
        this.policy = policy;
        this.slices = Slices.columns(columns);
        this.least = new double[columns];
        this.largest = new double[columns];
        Arrays.fill(least, Double.NEGATIVE_INFINITY);
        Arrays.fill(largest, Double.NEGATIVE_INFINITY);
    }

    /**
     * Makes an accumulator that has seen nothing and treats NaN as missing.
     *
     * @param columns how many columns rows have, at least 1
     * @return the accumulator
     * @throws IllegalArgumentException if there are no columns
     */
    public static ColumnRange over(int columns) {
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
    public static ColumnRange over(int columns, NanPolicy policy) {
        return new ColumnRange(Table.requireColumns(columns), Objects.requireNonNull(policy, "policy"));
    }

    /**
     * Adds rows.
     *
     * @param part rows of the table: a tensor of layout rows whose last axis counts columns
     * @throws IllegalArgumentException if it has other columns, or has a NaN and the policy is to reject that
     */
    public void add(Tensor part) {
        rows += Table.requireRows("part", part, columns());
        if (policy == NanPolicy.REJECT) {
            Table.requireNumbers("part", part, columns(), doubles, values);
        }
        long elements = part.spec().elements();
        for (long start = 0; start < elements; start += values.length) {
            int n = (int) Math.min(values.length, elements - start);
            doubles.read(part, start, n, values, 0);
            for (int i = 0; i < n; i++) {
                boolean missing = values[i] != values[i] && policy == NanPolicy.OMIT;
                negated[i] = missing ? Double.NEGATIVE_INFINITY : -values[i];
                values[i] = missing ? Double.NEGATIVE_INFINITY : values[i];
            }
            slices.max(start, n, values, largest);
            slices.max(start, n, negated, least);
        }
    }

    /**
     * Adds what another accumulator has seen.
     *
     * @param other an accumulator over as many columns, with the same policy; stays as it is
     * @throws IllegalArgumentException if the numbers of columns or the policies differ
     */
    public void merge(ColumnRange other) {
        if (other.columns() != columns() || other.policy != policy) {
            throw new IllegalArgumentException("other is over " + other.columns() + " columns with policy "
                    + other.policy + "; it must be over " + columns() + " with " + policy);
        }
        for (int c = 0; c < least.length; c++) {
            least[c] = Math.max(least[c], other.least[c]);
            largest[c] = Math.max(largest[c], other.largest[c]);
        }
        rows += other.rows;
    }

    /**
     * Returns how many columns there are.
     *
     * @return the number
     */
    public int columns() {
        return least.length;
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
     * Returns the least value of a column.
     *
     * @param column 0 … columns − 1
     * @return the minimum; ∞ if no value counts
     */
    public double least(int column) {
        return -least[column];
    }

    /**
     * Returns the largest value of a column.
     *
     * @param column 0 … columns − 1
     * @return the maximum; −∞ if no value counts
     */
    public double largest(int column) {
        return largest[column];
    }
}
