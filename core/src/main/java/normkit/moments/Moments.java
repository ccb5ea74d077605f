package normkit.moments;

/**
 * Count, mean and M2 (sum of squared deviations from the mean) of a set of values: a commutative monoid under
 * {@link #merge}, whose neutral element is the empty set.
 *
 * <p>The mean is kept as an unevaluated sum of two doubles, {@code mean() + meanLow()}, so that merging sets far from
 * zero loses nothing of their spread. Instances are mutable, so that a hot path can reuse them, and not thread-safe.
 *
 * <p>Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances", 1979.
 */
public final class Moments {

    private double count;
    private double mean;
    private double meanLow;
    private double m2;

    /** Makes the moments of the empty set. */
    public Moments() {
    }

    /** Makes these the moments of the empty set again. */
    public void clear() {
        count = 0;
        mean = 0;
        meanLow = 0;
        m2 = 0;
    }

    /**
     * Sets count, mean and M2.
     *
     * @param newCount number of values, at least 0
     * @param newMean high part of the mean
     * @param newMeanLow low part of the mean, at most half an ulp of the high part
     * @param newM2 sum of squared deviations from the mean, at least 0
     */
    public void set(double newCount, double newMean, double newMeanLow, double newM2) {
        count = newCount;
        mean = newMean;
        meanLow = newMeanLow;
        m2 = newM2;
    }

    /**
     * Adds another set: with δ the difference of the means, mean += δ·n′/(n+n′) and M2 += M2′ + δ²·n·n′/(n+n′).
     *
     * @param other moments of a disjoint set
     */
    public void merge(Moments other) {
        if (other.count == 0) {
            return;
        }
        if (count == 0) {
            set(other.count, other.mean, other.meanLow, other.m2);
            return;
        }
        double total = count + other.count;
        double weight = other.count / total;
        double delta = (other.mean - mean) + (other.meanLow - meanLow);
        m2 += other.m2 + delta * delta * (count * weight);
        shiftMean(delta * weight);
        count = total;
    }

    private void shiftMean(double shift) {
        double high = mean + shift;
        double rest = high - mean;
        double low = (mean - (high - rest)) + (shift - rest) + meanLow;
        mean = high + low;
        meanLow = Double.isFinite(mean) ? low - (mean - high) : 0;
    }

    /**
     * Returns the number of values.
     *
     * @return the count
     */
    public double count() {
        return count;
    }

    /**
     * Returns the mean, rounded to double.
     *
     * @return the high part of the mean, 0 for the empty set
     */
    public double mean() {
        return mean;
    }

    /**
     * Returns what {@link #mean()} lacks of the mean.
     *
     * @return the low part of the mean
     */
    public double meanLow() {
        return meanLow;
    }

    /**
     * Returns the biased variance.
     *
     * @return M2 / count, 0 for the empty set
     */
    public double variance() {
        return count == 0 ? 0 : m2 / count;
    }
}
