package normkit.activation;

import java.math.BigDecimal;
import java.math.MathContext;

/** Activations and their derivatives to seventy digits, from series and continued fractions. */
final class ExactActivation {

    static final MathContext DIGITS = new MathContext(80);

    private static final BigDecimal PI = new BigDecimal(
            "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798");
    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final BigDecimal TWO = BigDecimal.TWO;
    private static final BigDecimal ROOT_2_PI = TWO.multiply(PI).sqrt(DIGITS);
    private static final BigDecimal LINEAR = TWO.multiply(TWO.divide(PI, DIGITS).sqrt(DIGITS));
    private static final BigDecimal CUBIC = LINEAR.multiply(new BigDecimal("0.044715"));
    /** From here on the continued fraction of Φ converges quickly. */
    private static final double FAR = 7;
    private static final int FRACTIONS = 120;
    private static final double LEAST_EXPONENT = -5000;
    /** Below, the first terms of tanh's series are exact enough. */
    private static final double TINY = 1e-12;

    private ExactActivation() {
    }

    static BigDecimal value(Activation f, double at) {
        BigDecimal z = new BigDecimal(at, DIGITS);
        return switch (f.label()) {
            case "relu" -> z.max(BigDecimal.ZERO);
            case "sigmoid" -> sigmoid(z);
            case "silu" -> z.multiply(sigmoid(z));
            case "gelu_tanh" -> z.multiply(sigmoid(inner(z)));
            case "gelu" -> z.multiply(normal(z));
            case "tanh" -> tanh(z);
            default -> throw new IllegalArgumentException(f.label());
        };
    }

    static BigDecimal slope(Activation f, double at) {
        BigDecimal z = new BigDecimal(at, DIGITS);
        return switch (f.label()) {
            case "relu" -> at > 0 ? ONE : BigDecimal.ZERO;
            case "sigmoid" -> bell(z);
            case "silu" -> sigmoid(z).add(z.multiply(bell(z)), DIGITS);
            case "gelu_tanh" -> {
                BigDecimal rate = LINEAR.add(CUBIC.multiply(z).multiply(z).multiply(BigDecimal.valueOf(3)), DIGITS);
                yield sigmoid(inner(z)).add(z.multiply(rate).multiply(bell(inner(z))), DIGITS);
            }
            case "gelu" -> normal(z).add(z.multiply(density(z)), DIGITS);
            case "tanh" -> bell(z.multiply(TWO)).multiply(BigDecimal.valueOf(4));
            default -> throw new IllegalArgumentException(f.label());
        };
    }

    private static BigDecimal inner(BigDecimal z) {
        return LINEAR.multiply(z).add(CUBIC.multiply(z.pow(3)), DIGITS);
    }

    private static BigDecimal sigmoid(BigDecimal z) {
        BigDecimal e = exp(z.abs().negate());
        return (z.signum() < 0 ? e : ONE).divide(ONE.add(e), DIGITS);
    }

    private static BigDecimal bell(BigDecimal z) {
        BigDecimal e = exp(z.abs().negate());
        return e.divide(ONE.add(e).pow(2), DIGITS);
    }

    private static BigDecimal tanh(BigDecimal z) {
        if (z.abs().doubleValue() < TINY) {
            BigDecimal cube = z.pow(3).divide(BigDecimal.valueOf(3), DIGITS);
            return z.subtract(cube, DIGITS);
        }
        BigDecimal e = exp(z.abs().multiply(TWO).negate());
        BigDecimal t = ONE.subtract(e).divide(ONE.add(e), DIGITS);
        return z.signum() < 0 ? t.negate() : t;
    }

    private static BigDecimal density(BigDecimal z) {
        return exp(z.multiply(z, DIGITS).divide(TWO).negate()).divide(ROOT_2_PI, DIGITS);
    }

    /** Φ(z): φ(z)·(z + z³/3 + z⁵/15 + …) around 0; φ(z)/(|z| + 1/(|z| + 2/(|z| + …))) in the left tail. */
    private static BigDecimal normal(BigDecimal z) {
        BigDecimal a = z.abs();
        BigDecimal left;
        if (a.doubleValue() >= FAR) {
            BigDecimal fraction = a;
            for (int i = FRACTIONS; i > 0; i--) {
                fraction = a.add(BigDecimal.valueOf(i).divide(fraction, DIGITS));
            }
            left = density(a).divide(fraction, DIGITS);
        } else {
            BigDecimal term = a;
            BigDecimal sum = a;
            BigDecimal square = a.multiply(a, DIGITS);
            for (int i = 3; term.signum() > 0
                    && sum.precision() - sum.scale() - term.precision() + term.scale() < 80; i += 2) {
                term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(i), DIGITS);
                sum = sum.add(term, DIGITS);
            }
            left = new BigDecimal("0.5").subtract(density(a).multiply(sum), DIGITS);
        }
        return z.signum() > 0 ? ONE.subtract(left) : left;
    }

    /** 0 where it is nothing beside any f64; else by Taylor's series of x/2¹⁶, squared 16 times. */
    static BigDecimal exp(BigDecimal x) {
        if (x.doubleValue() < LEAST_EXPONENT) {
            return BigDecimal.ZERO;
        }
        MathContext wide = new MathContext(92);
        BigDecimal r = x.divide(BigDecimal.valueOf(1L << 16), wide);
        BigDecimal sum = ONE;
        BigDecimal term = ONE;
        for (int i = 1; i < 30; i++) {
            term = term.multiply(r, wide).divide(BigDecimal.valueOf(i), wide);
            sum = sum.add(term, wide);
        }
        for (int i = 0; i < 16; i++) {
            sum = sum.multiply(sum, wide);
        }
        return sum.round(DIGITS);
    }
}
