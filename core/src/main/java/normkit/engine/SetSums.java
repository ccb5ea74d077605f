package normkit.engine;

import java.util.Arrays;
import normkit.moments.Normalization;
import normkit.moments.ShiftedSums;
import normkit.spi.Problem;

/**
 * Sums of some sets, each formed in one piece, and what {@link ShiftedSums} and {@link SetValues#take} make of them: loops
 * over arrays, so that the divisions and the root of one set do not wait for those of another. Only for ordinary sets; the
 * rare others are left to those classes.
 */
final class SetSums {

    final double[] s1;
    final double[] s2;

    private final boolean centred;
    private final double epsilon;
    private final double count;
    private final double leastSquares;
    private final double[] quotient;
    private final SetValues values;

    /**
     * Makes room for sums.
     *
     * @param count number of values of a set
     * @param capacity most sets
     * @param values receives what is made of the sums
     */
    SetSums(Problem problem, double count, int capacity, SetValues values) {
        this.centred = problem.operation().centred();
        this.epsilon = problem.epsilon();
        this.count = count;
        this.leastSquares = Trust.of(problem.type()).leastMeanSquare() * count;
        this.s1 = new double[capacity];
        this.s2 = new double[capacity];
        this.quotient = new double[capacity];
        this.values = values;
    }

    /** Tells whether the first sets are all ordinary, and if so prepares {@link #settle} for them. */
    boolean ordinary(int sets) {
        boolean ordinary = true;
        for (int i = 0; i < sets; i++) {
            ordinary &= ShiftedSums.trusted(s1[i], s2[i], leastSquares);
        }
        if (!centred) {
            Arrays.fill(s1, 0, sets, 0);
        }
        double[] variance = values.variance;
        for (int i = 0; i < sets; i++) {
            double q = s1[i] / count;
            quotient[i] = q;
            variance[i] = ShiftedSums.m2(s1[i], q, s2[i], 0) / count;
        }
        for (int i = 0; i < sets; i++) {
            ordinary &= !ShiftedSums.poor(s1[i] * quotient[i], s2[i]);
        }
        return ordinary;
    }

    /** Takes the moments of sets that are ordinary. */
    void settle(int sets, double[] pivot) {
        double[] mean = values.mean;
        double[] meanLow = values.meanLow;
        for (int i = 0; i < sets; i++) {
            double high = pivot[i] + quotient[i];
            double low = ShiftedSums.rest(pivot[i], quotient[i], s1[i], 0, count);
            mean[i] = high + low;
            meanLow[i] = low - (mean[i] - high);
        }
        Normalization.rstd(values.variance, epsilon, sets, values.rstd);
    }
}
