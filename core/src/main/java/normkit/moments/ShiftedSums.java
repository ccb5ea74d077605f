package normkit.moments;

/**
 * Sums of a set's values shifted by a pivot p near their mean, S1 = Σ(x − p) and S2 = Σ(x − p)², gathered chunk by chunk
 * in index order as unevaluated pairs of doubles. Instances are reused and not thread-safe.
 */
public final class ShiftedSums {

    /** How far the mean may lie from the pivot, in squared standard deviations, before cancellation costs accuracy. */
    private static final double POOR = 3;

    private double s1;
    private double s1Low;
    private double s2;
    private double s2Low;

    /** Makes the sums of the empty set. */
    public ShiftedSums() {
    }

    /** Makes these the sums of the empty set again. */
    public void clear() {
        set(0, 0, 0, 0);
    }

    /**
     * Sets the sums.
     *
     * @param newS1 S1
     * @param newS1Low what S1 lacks
     * @param newS2 S2
     * @param newS2Low what S2 lacks
     */
    public void set(double newS1, double newS1Low, double newS2, double newS2Low) {
        s1 = newS1;
        s1Low = newS1Low;
        s2 = newS2;
        s2Low = newS2Low;
    }

    /**
     * Adds the sums of one chunk.
     *
     * @param chunkS1 Σ(x − p) over the chunk
     * @param chunkS2 Σ(x − p)² over the chunk
     */
    public void add(double chunkS1, double chunkS2) {
        double high1 = s1 + chunkS1;
        s1Low += twoSumError(s1, chunkS1, high1);
        s1 = high1;
        double high2 = s2 + chunkS2;
        s2Low += twoSumError(s2, chunkS2, high2);
        s2 = high2;
    }

    /**
     * Returns what rounding cost a sum (Knuth's TwoSum).
     *
     * @param a a value
     * @param b another
     * @param sum a + b, rounded
     * @return a + b − sum, exactly
     */
    public static double twoSumError(double a, double b, double sum) {
        double bb = sum - a;
        return (a - (sum - bb)) + (b - bb);
    }

    /**
     * Turns the sums into moments: mean = p + S1/n and M2 = S2 − S1²/n.
     *
     * @param count number of values n, at least 1
     * @param pivot the pivot p the sums were formed with
     * @param out receives the moments
     */
    public void toMoments(double count, double pivot, Moments out) {
        double q = (s1 + s1Low) / count;
        double high = pivot + q;
        double low = rest(pivot, q, s1, s1Low, count);
        double mean = high + low;
        out.set(count, mean, low - (mean - high), m2(s1, q, s2, s2Low));
    }

    /**
     * Returns what rounding costs a mean that is computed as p + q, with q = S1/n.
     *
     * @param pivot the pivot p
     * @param q the quotient, rounded
     * @param s1 S1
     * @param s1Low what S1 lacks
     * @param count number of values n
     * @return p + S1/n − (p + q), nearly
     */
    public static double rest(double pivot, double q, double s1, double s1Low, double count) {
        return twoSumError(pivot, q, pivot + q) + (Math.fma(-q, count, s1) + s1Low) / count;
    }

    /**
     * Returns the sum of squared deviations from the mean.
     *
     * @param s1 S1
     * @param q S1/n, rounded
     * @param s2 S2
     * @param s2Low what S2 lacks
     * @return S2 − S1²/n, at least 0
     */
    public static double m2(double s1, double q, double s2, double s2Low) {
        return Math.max(0, Math.fma(-s1, q, s2) + s2Low);
    }

    /**
     * Tells whether the pivot was so far from the mean that M2 has lost accuracy: more than √3 standard deviations.
     *
     * @param count number of values n
     * @return true if the sums should be formed again with a better pivot
     */
    public boolean poor(double count) {
        return poor(s1 * (s1 / count), s2);
    }

    /**
     * Tells the same of sums that are given.
     *
     * @param square S1²/n, computed as S1·(S1/n)
     * @param s2 S2
     * @return true if the sums should be formed again with a better pivot
     */
    public static boolean poor(double square, double s2) {
        return square > POOR * (s2 - square);
    }

    /**
     * Tells whether sums in the element's type can be trusted: no overflow, and no squares lost to underflow.
     *
     * @param count number of values n
     * @param leastMeanSquare below this mean of squares, single squares may have underflowed
     * @return true if S2 is finite and large enough
     */
    public boolean trusted(double count, double leastMeanSquare) {
        return trusted(s1, s2, leastMeanSquare * count);
    }

    /**
     * Tells the same of sums that are given.
     *
     * @param s1 S1
     * @param s2 S2
     * @param leastSquares below this sum of squares, single squares may have underflowed
     * @return true if both are finite and S2 is large enough
     */
    public static boolean trusted(double s1, double s2, double leastSquares) {
        return s2 < Double.POSITIVE_INFINITY && s2 >= leastSquares && Math.abs(s1) < Double.POSITIVE_INFINITY;
    }

    /**
     * Returns the sum of shifted values.
     *
     * @return S1
     */
    public double s1() {
        return s1 + s1Low;
    }

    /**
     * Returns the sum of squared shifted values.
     *
     * @return S2
     */
    public double s2() {
        return s2 + s2Low;
    }
}
