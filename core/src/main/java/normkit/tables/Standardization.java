package normkit.tables;

import java.util.Objects;
import normkit.tensor.Tensor;

/**
 * Feature standardization (z-scores): every column is brought to mean 0 and standard deviation 1, y = (x − mean)/σ, with mean and
 * σ of a table that may be larger than memory; see {@link ColumnMoments}. For inputs of models that are sensitive to the scale
 * of features: linear models, support vector machines, nearest neighbours, neural networks. Immutable and thread-safe.
 *
 * <p>A column whose values are all equal, so that σ is 0, is only centred, as in scikit-learn; so is one that no value counts
 * of. σ² is biased by default.
 *
 * <p>Source: scikit-learn's {@code StandardScaler}, whose heuristic for columns that are constant up to rounding is not needed,
 * because the variance of equal values is exactly 0 here.
 */
public final class Standardization {

    /** Which variance a column is divided by the root of. */
    public enum Variance {
        /** Divided by n: scikit-learn. */
        BIASED,
        /** Divided by n − 1: pandas, R, Spark. */
        UNBIASED
    }

    private final boolean centred;
    private final boolean scaled;
    private final Variance variance;

    private Standardization(boolean centred, boolean scaled, Variance variance) {
        this.centred = centred;
        this.scaled = scaled;
        this.variance = variance;
    }

    /**
     * Describes standardization as scikit-learn has it.
     *
     * @return the description: the mean is subtracted, and the root of the biased variance divided by
     */
    public static Standardization create() {
        return new Standardization(true, true, Variance.BIASED);
    }

    /**
     * Leaves the mean where it is.
     *
     * @return a changed description
     */
    public Standardization withoutMean() {
        return new Standardization(false, scaled, variance);
    }

    /**
     * Leaves the spread as it is.
     *
     * @return a changed description
     */
    public Standardization withoutDeviation() {
        return new Standardization(centred, false, variance);
    }

    /**
     * Sets which variance is meant.
     *
     * @param newVariance biased, the default, or unbiased
     * @return a changed description
     */
    public Standardization variance(Variance newVariance) {
        return new Standardization(centred, scaled, Objects.requireNonNull(newVariance, "variance"));
    }

    /**
     * Makes the transform of a table.
     *
     * @param moments what has been seen of the table; may be used further
     * @return a transform that does not change any more
     */
    public Fitted fit(ColumnMoments moments) {
        return new Fitted(this, moments);
    }

    private double deviation(ColumnMoments moments, int column) {
        double v = moments.variance(column);
        double count = moments.count(column);
        if (variance == Variance.UNBIASED && count > 1) {
            v *= count / (count - 1);
        }
        return !scaled || v == 0 ? 1 : Math.sqrt(v);
    }

    /** The transform of one table. Immutable and thread-safe; allocates nothing per execution. */
    public static final class Fitted {

        private final double[] mean;
        private final double[] deviation;
        private final ColumnLoops loops;

        private Fitted(Standardization description, ColumnMoments moments) {
            int columns = moments.columns();
            mean = new double[columns];
            deviation = new double[columns];
            double[] meanLow = new double[columns];
            for (int c = 0; c < columns; c++) {
                mean[c] = description.centred ? moments.mean(c) : 0;
                meanLow[c] = description.centred ? moments.meanLow(c) : 0;
                deviation[c] = description.deviation(moments, c);
            }
            loops = new ColumnLoops(mean, meanLow, deviation);
        }

        /**
         * Returns what is subtracted from a column.
         *
         * @param column 0 … columns − 1
         * @return the mean, or 0
         */
        public double mean(int column) {
            return mean[column];
        }

        /**
         * Returns what a column is divided by.
         *
         * @param column 0 … columns − 1
         * @return the standard deviation, or 1
         */
        public double deviation(int column) {
            return deviation[column];
        }

        /**
         * Computes y = (x − mean)/σ. NaN stays NaN.
         *
         * @param x rows of the table
         * @param y output of x's spec; may be exactly x
         * @throws IllegalArgumentException if x has other columns, y another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void transform(Tensor x, Tensor y) {
            loops.apply("x", x, "y", y, Fitted::standardize);
        }

        /**
         * Computes x = y·σ + mean.
         *
         * @param y standardized rows
         * @param x output of y's spec; may be exactly y
         * @throws IllegalArgumentException if y has other columns, x another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void inverse(Tensor y, Tensor x) {
            loops.apply("y", y, "x", x, Fitted::restore);
        }

        /**
         * Computes the gradient of x, dx = dy/σ; mean and σ are constants.
         *
         * @param dy gradient of y
         * @param dx output of dy's spec; may be exactly dy
         * @throws IllegalArgumentException if dy has other columns, dx another spec, or they overlap otherwise
         * @throws NullPointerException if a tensor is null
         * @throws IllegalStateException if the arena of a tensor is closed
         */
        public void backward(Tensor dy, Tensor dx) {
            loops.apply("dy", dy, "dx", dx, Fitted::divide);
        }

        private static void standardize(double[] x, double[][] c, int n) {
            double[] mean = c[0];
            double[] meanLow = c[1];
            double[] deviation = c[2];
            for (int i = 0; i < n; i++) {
                x[i] = ((x[i] - mean[i]) - meanLow[i]) / deviation[i];
            }
        }

        private static void restore(double[] y, double[][] c, int n) {
            double[] mean = c[0];
            double[] meanLow = c[1];
            double[] deviation = c[2];
            for (int i = 0; i < n; i++) {
                y[i] = Math.fma(y[i], deviation[i], meanLow[i]) + mean[i];
            }
        }

        private static void divide(double[] dy, double[][] c, int n) {
            double[] deviation = c[2];
            for (int i = 0; i < n; i++) {
                dy[i] /= deviation[i];
            }
        }
    }
}
