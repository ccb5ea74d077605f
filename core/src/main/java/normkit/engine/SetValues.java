package normkit.engine;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.moments.Moments;
import normkit.moments.Normalization;
import normkit.spi.Coefficients;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Mean and reciprocal standard deviation of some sets, in double, and the coefficients that follow from them. */
final class SetValues {

    /** Outside 2^±64 a factor, or a product with it, may leave the range of float: such sets are computed in double. */
    private static final double LEAST_GAIN = 0x1p-64;
    private static final double MOST_GAIN = 0x1p+64;

    final double[] mean;
    final double[] meanLow;
    final double[] rstd;
    /** Only where statistics are computed. */
    final double[] variance;

    private final Problem problem;
    private final DataType type;
    /** Between these, numbers of the type have all their digits. */
    private final double least;
    private final double most;
    private final Doubles doubles;

    /**
     * Makes room for some sets.
     *
     * @param doubles copies statistics; of the same thread
     */
    SetValues(Problem problem, int capacity, Doubles doubles) {
        this.problem = problem;
        this.type = problem.type();
        least = type == DataType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        most = type == DataType.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
        this.doubles = doubles;
        mean = new double[capacity];
        meanLow = new double[capacity];
        rstd = new double[capacity];
        variance = new double[problem.pass() == Pass.FORWARD ? capacity : 0];
    }

    /** Takes the moments of a set's values times 2<sup>−exponent</sup>. */
    void take(int i, Moments moments, int exponent) {
        variance[i] = moments.variance();
        mean[i] = moments.mean();
        meanLow[i] = moments.meanLow();
        rstd[i] = Normalization.rstd(variance[i], Math.scalb(problem.epsilon(), -2 * exponent));
        if (exponent != 0) {
            variance[i] = Math.scalb(variance[i], 2 * exponent);
            mean[i] = Math.scalb(mean[i], exponent);
            meanLow[i] = Math.scalb(meanLow[i], exponent);
            rstd[i] = Math.scalb(rstd[i], -exponent);
        }
    }

    /** Stores the statistics that are wanted of {@code sets} sets, from set {@code first} of the tensor on. */
    void store(int sets, long first, Statistics out) {
        store(mean, sets, out.mean(), first);
        store(variance, sets, out.variance(), first);
        store(rstd, sets, out.rstd(), first);
    }

    private void store(double[] from, int sets, Tensor to, long first) {
        if (to != null) {
            doubles.write(from, 0, sets, to, first);
        }
    }

    /** Reads statistics as the caller gave them of {@code sets} sets, from set {@code first} of the tensor on. */
    void read(long first, int sets, Statistics in) {
        if (problem.operation().centred()) {
            doubles.read(in.mean(), first, sets, mean, 0);
        } else {
            Arrays.fill(mean, 0, sets, 0);
        }
        Arrays.fill(meanLow, 0, sets, 0);
        if (in.rstd() != null) {
            doubles.read(in.rstd(), first, sets, rstd, 0);
            return;
        }
        doubles.read(in.variance(), first, sets, rstd, 0);
        for (int i = 0; i < sets; i++) {
            rstd[i] = Normalization.rstd(rstd[i], problem.epsilon());
        }
    }

    /**
     * Whether a set has to be computed in double. A gradient of statistics that are not finite is, because kernels may fill
     * gaps in a block with zeros, and zero times infinity is not zero.
     */
    boolean wide(int i) {
        double gain = Math.abs(rstd[i]);
        // A gain of 0 does not make up for a difference that overflows.
        boolean zero = type == DataType.F32 && gain == 0;
        return zero || outOfRange(gain)
                || problem.pass().backward() && !(Double.isFinite(gain) && Double.isFinite(mean[i]));
    }

    /** Whether a factor may take a product with it out of the range of the element's type. */
    boolean outOfRange(double factor) {
        double f = Math.abs(factor);
        return type == DataType.F32 && (f < LEAST_GAIN && f > 0 || f > MOST_GAIN);
    }

    /** Whether the forward formula of a set with this γ has to be computed in double. */
    boolean wide(int i, double scale) {
        return wide(i) || outOfRange(rstd[i] * scale);
    }

    /** Fills pivot, gain and offset at {@code j} from set {@code i}: those of x̂. */
    void fill(int i, Coefficients c, int j) {
        fill(i, c, j, 1, -0.0);
    }

    /** Fills pivot, gain and offset at {@code j} from set {@code i}: those of x̂ times γ plus β. */
    void fill(int i, Coefficients c, int j, double scale, double shift) {
        boolean centred = problem.operation().centred();
        c.pivot[j] = pivot(i);
        c.gain[j] = type.round(rstd[i] * scale);
        c.offset[j] = centred ? type.round(Math.fma(-rest(i), scale, shift)) : shift;
    }

    private double pivot(int i) {
        return problem.operation().centred() ? type.round(mean[i]) : 0;
    }

    /** What the pivot lacks of the mean, in standard deviations. */
    private double rest(int i) {
        return ((mean[i] - type.round(mean[i])) + meanLow[i]) * rstd[i];
    }

    /** What the gradient of a set takes for each x̂, given its sum of g·x̂. */
    double projection(int i, double dot, double count) {
        return -rstd[i] * (dot / count);
    }

    /** What the gradient of a set takes from each element, given its sum of g. */
    double constant(int i, double sum, double count) {
        return -rstd[i] * (problem.operation().centred() ? sum / count : 0);
    }

    /**
     * Whether the gradient of a set, whose sum of g·x̂ is given, has to be computed in double: what multiplies x − pivot may
     * be out of the type's range where what multiplies x̂ is not, and if it has lost digits to underflow, a large x − pivot
     * would show that.
     */
    boolean wideGradient(int i, double dot, double count) {
        double gain = Math.abs(rstd[i]);
        double perHat = Math.abs(projection(i, dot, count));
        double factor = perHat * gain;
        return wide(i) || factor > most && perHat <= most || factor < least && perHat > 0 && gain < 1;
    }

    /** Fills the gradient's coefficients at {@code j} from set {@code i}, whose sums of g and g·x̂ are given. */
    void fillGradient(int i, Coefficients c, int j, double scale, double sum, double dot, double count) {
        double projection = projection(i, dot, count);
        double constant = constant(i, sum, count);
        c.pivot[j] = pivot(i);
        c.gradientGain[j] = type.round(rstd[i] * scale);
        c.projection[j] = type.round(projection * rstd[i]);
        c.constant[j] = type.round(problem.operation().centred() ? Math.fma(-rest(i), projection, constant) : constant);
    }
}
