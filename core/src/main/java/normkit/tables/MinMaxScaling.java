package normkit.tables;

import normkit.tensor.Tensor;

/**
 * Min-max scaling: every column of a table is mapped linearly so that its least value becomes {@code low} and its largest
 * {@code high}: with t = (x − least)/(largest − least), y = (1 − t)·low + t·high, exactly at both ends. For bounded inputs such
 * as pixels, and where zeros or the shape of a distribution are to be kept; a single outlier squeezes everything else. Immutable
 * and thread-safe.
 *
 * <p>A column whose values are all equal is only shifted, y = x − least + low, as in scikit-learn; so is a column that no value
 * counts of, with least = 0. Values outside the range seen are mapped outside low … high unless they are {@link #clipped}.
 *
 * <p>Source: scikit-learn's {@code MinMaxScaler}.
 */
public final class MinMaxScaling {

    private final double low;
    private final double high;
    private final boolean clipped;

    private MinMaxScaling(double low, double high, boolean clipped) {
        this.low = low;
        this.high = high;
        this.clipped = clipped;
    }

    /**
     * Describes scaling to 0 … 1.
     *
     * @return the description
     */
    public static MinMaxScaling create() {
        return new MinMaxScaling(0, 1, false);
    }

    /**
     * Sets the range to map to.
     *
     * @param newLow what the least value becomes, finite
     * @param newHigh what the largest value becomes, finite and more than that
     * @return a changed description
     * @throws IllegalArgumentException if it is not a range
     */
    public MinMaxScaling range(double newLow, double newHigh) {
        if (!(newLow < newHigh && newLow > Double.NEGATIVE_INFINITY && newHigh < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the range is " + newLow + " to " + newHigh
                    + "; its ends must be finite and the first less than the second");
        }
        return new MinMaxScaling(newLow, newHigh, clipped);
    }

    /**
     * Brings y back to low … high where x is outside the range seen.
     *
     * @return a changed description
     */
    public MinMaxScaling clipped() {
        return new MinMaxScaling(low, high, true);
    }

    /**
     * Makes the transform of a table.
     *
     * @param range what has been seen of the table; may be used further
     * @return a transform that does not change any more
     */
    public Fitted fit(ColumnRange range) {
        return new Fitted(this, range);
    }

    /** The transform of one table. Immutable and thread-safe; allocates nothing per execution. */
    public static final class Fitted {

        private final double low;
        private final double high;
        private final boolean clipped;
        private final ColumnLoops loops;
        private final ColumnLoops.Formula scale = this::scale;
        private final ColumnLoops.Formula restore = this::restore;
        private final ColumnLoops.Formula gradient = this::gradient;

        private Fitted(MinMaxScaling description, ColumnRange range) {
            low = description.low;
            high = description.high;
            clipped = description.clipped;
            double[] least = new double[range.columns()];
            double[] largest = new double[range.columns()];
            double[] width = new double[range.columns()];
            for (int c = 0; c < least.length; c++) {
                boolean empty = range.least(c) > range.largest(c);
                least[c] = empty ? 0 : range.least(c);
                largest[c] = empty ? 0 : range.largest(c);
                width[c] = largest[c] - least[c];
                if (width[c] == 0) {
                    // Makes t·(high − low) what x exceeds the least value by.
                    width[c] = high - low;
                    largest[c] = least[c] + width[c];
                }
            }
            loops = new ColumnLoops(least, largest, width);
        }

        /**
         * Computes y. NaN stays NaN.
         *
         * @param x rows of the table
         * @param y output of x's spec; may be exactly x
         * @throws IllegalArgumentException if x has other columns, y another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void transform(Tensor x, Tensor y) {
            loops.apply("x", x, "y", y, scale);
        }

        /**
         * Computes x from y; what was clipped is lost.
         *
         * @param y scaled rows
         * @param x output of y's spec; may be exactly y
         * @throws IllegalArgumentException if y has other columns, x another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void inverse(Tensor y, Tensor x) {
            loops.apply("y", y, "x", x, restore);
        }

        /**
         * Computes the gradient of x where nothing is clipped, dx = dy·(high − low)/(largest − least); the range is constant.
         *
         * @param dy gradient of y
         * @param dx output of dy's spec; may be exactly dy
         * @throws IllegalArgumentException if dy has other columns, dx another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void backward(Tensor dy, Tensor dx) {
            loops.apply("dy", dy, "dx", dx, gradient);
        }

        private void scale(double[] x, double[][] c, int n) {
            double[] least = c[0];
            double[] width = c[2];
            for (int i = 0; i < n; i++) {
                double t = (x[i] - least[i]) / width[i];
                x[i] = (1 - t) * low + t * high;
            }
            if (clipped) {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.min(Math.max(x[i], low), high);
                }
            }
        }

        private void restore(double[] y, double[][] c, int n) {
            double[] least = c[0];
            double[] largest = c[1];
            for (int i = 0; i < n; i++) {
                double t = (y[i] - low) / (high - low);
                y[i] = (1 - t) * least[i] + t * largest[i];
            }
        }

        private void gradient(double[] dy, double[][] c, int n) {
            double[] width = c[2];
            for (int i = 0; i < n; i++) {
                dy[i] *= (high - low) / width[i];
            }
        }
    }
}
