package normkit.engine;

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
            double squares = s2[i];
            ordinary &= ShiftedSums.trusted(s1[i], squares, leastSquares);
            double sum = centred ? s1[i] : 0;
            double q = sum / count;
            ordinary &= !ShiftedSums.poor(sum * q, squares);
            s1[i] = sum;
            quotient[i] = q;
            values.variance[i] = ShiftedSums.m2(sum, q, squares, 0) / count;
        }
        return ordinary;
    }

    /** Takes the moments of sets that are ordinary. */
    void settle(int sets, double[] pivot) {
        for (int i = 0; i < sets; i++) {
            double q = quotient[i];
            double high = pivot[i] + q;
            double low = ShiftedSums.rest(pivot[i], q, s1[i], 0, count);
            double mean = high + low;
            values.mean[i] = mean;
            values.meanLow[i] = low - (mean - high);
            values.rstd[i] = Normalization.rstd(values.variance[i], epsilon);
        }
    }
}
