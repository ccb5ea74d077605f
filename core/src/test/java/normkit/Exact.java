package normkit;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import normkit.spi.Operation;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** The definitions of the operations, element by element in many digits: an oracle that shares nothing with kernels. */
final class Exact {

    private static final MathContext DIGITS = new MathContext(80);

    private final Sets sets;
    private final Tensor x;
    private final BigDecimal count;
    private final BigDecimal[] mean;
    private final BigDecimal[] rstd;

    Exact(Operation operation, Tensor x, double epsilon) {
        this.sets = new Sets(operation, x.spec());
        this.x = x;
        this.count = new BigDecimal(x.spec().elements() / sets.number());
        this.mean = meanPerSet(i -> operation.centred() ? value(x, i) : BigDecimal.ZERO);
        BigDecimal[] variance = meanPerSet(i -> value(x, i).subtract(mean[sets.of(i)]).pow(2));
        this.rstd = new BigDecimal[variance.length];
        Arrays.setAll(rstd, s -> reciprocalRoot(variance[s].add(new BigDecimal(epsilon))));
    }

    /** With statistics that are given rather than those of x. */
    Exact(Operation operation, Tensor x, Tensor mean, Tensor rstd) {
        this.sets = new Sets(operation, x.spec());
        this.x = x;
        this.count = new BigDecimal(x.spec().elements() / sets.number());
        this.mean = new BigDecimal[sets.number()];
        this.rstd = new BigDecimal[sets.number()];
        Arrays.setAll(this.mean, set -> value(mean, set));
        Arrays.setAll(this.rstd, set -> value(rstd, set));
    }

    /** What is asked for at an element. */
    interface Elements {
        BigDecimal at(int i);
    }

    static BigDecimal value(Tensor tensor, long i) {
        return new BigDecimal(tensor.get(i));
    }

    private static BigDecimal reciprocalRoot(BigDecimal v) {
        return v.signum() == 0 ? BigDecimal.ZERO : BigDecimal.ONE.divide(v.sqrt(DIGITS), DIGITS);
    }

    private BigDecimal[] meanPerSet(Elements elements) {
        BigDecimal[] sums = new BigDecimal[sets.number()];
        Arrays.fill(sums, BigDecimal.ZERO);
        for (int i = 0; i < x.spec().elements(); i++) {
            sums[sets.of(i)] = sums[sets.of(i)].add(elements.at(i));
        }
        Arrays.setAll(sums, s -> sums[s].divide(count, DIGITS));
        return sums;
    }

    Sets sets() {
        return sets;
    }

    BigDecimal mean(int set) {
        return mean[set];
    }

    BigDecimal rstd(int set) {
        return rstd[set];
    }

    BigDecimal normalized(int i) {
        return value(x, i).subtract(mean[sets.of(i)]).multiply(rstd[sets.of(i)], DIGITS);
    }

    /** The mean over each set of g, or g·x̂, with g = γ·dy. */
    BigDecimal[] meanGradient(Tensor dy, Tensor scale, boolean timesNormalized) {
        return meanPerSet(i -> {
            BigDecimal g = value(dy, i).multiply(value(scale, sets.parameterOf(i)));
            return timesNormalized ? g.multiply(normalized(i)) : g;
        });
    }

    /** The distance between neighbouring numbers of a type at some magnitude, at most at its largest. */
    static double ulp(DataType type, double magnitude) {
        return switch (type) {
            case F32 -> Math.ulp((float) Math.min(magnitude, Float.MAX_VALUE));
            case F64 -> Math.ulp(Math.min(magnitude, Double.MAX_VALUE));
        };
    }

    /** How far a result is from the exact one in units in the last place of a magnitude; overflow is exact. */
    static double error(DataType type, double actual, BigDecimal exact, double magnitude) {
        double rounded = type.round(exact.doubleValue());
        if (Double.isInfinite(rounded) || Double.isInfinite(actual) || Double.isNaN(actual)) {
            return actual == rounded ? 0 : Double.POSITIVE_INFINITY;
        }
        return new BigDecimal(actual).subtract(exact).abs().divide(new BigDecimal(ulp(type, magnitude)), DIGITS)
                .doubleValue();
    }
}
