package normkit.conformance;

import normkit.activation.Activation;

/** Activations in {@link Quad}s, from series and continued fractions, sharing no code with the ones that are tried. */
final class QuadFunctions {

    private static final Quad LN_2 = new Quad(0.6931471805599453, 2.3190468138462996e-17);
    /** √(2π). */
    private static final Quad ROOT_2_PI = new Quad(2.5066282746310007, -1.8328579980459167e-16);
    /** 2√(2/π), and that times 0.044715. */
    private static final Quad LINEAR = new Quad(1.5957691216057308, -9.96930880911092e-17);
    private static final Quad CUBIC = new Quad(0.07135481627260025, -6.175149918155315e-19);
    private static final Quad HALF = Quad.of(0.5);
    private static final Quad ONE = Quad.of(1);
    /** Beyond, every function has its limit, or a tangent. */
    private static final double FAR = 1e4;
    /** From here on the continued fraction of Φ converges quickly; before, the series loses few digits. */
    private static final double TAIL = 6;
    private static final int FRACTIONS = 100;

    private QuadFunctions() {
    }

    /** Whether the derivative jumps at 0. */
    static boolean kinked(Activation f) {
        return f.label().contains("relu");
    }

    private static double slopeBelow(Activation f) {
        String label = f.label();
        return label.equals("relu")
                ? 0
                : Double.parseDouble(label.substring(label.indexOf('(') + 1, label.length() - 1));
    }

    static Quad value(Activation f, Quad z) {
        double v = z.value();
        if (Double.isNaN(v)) {
            return Quad.of(v);
        }
        if (kinked(f)) {
            return v > 0 ? z : v == 0 || slopeBelow(f) == 0 ? Quad.ZERO : z.times(slopeBelow(f));
        }
        boolean bounded = f.equals(Activation.SIGMOID) || f.equals(Activation.TANH);
        if (Math.abs(v) > FAR) {
            double bottom = f.equals(Activation.TANH) ? -1 : 0;
            return v > 0 ? bounded ? ONE : z : Quad.of(bottom);
        }
        return switch (f.label()) {
            case "sigmoid" -> sigmoid(z);
            case "silu" -> z.times(sigmoid(z));
            case "gelu_tanh" -> z.times(sigmoid(inner(z)));
            case "gelu" -> z.times(normal(z));
            case "tanh" -> tanh(z);
            default -> throw new IllegalArgumentException(f.label());
        };
    }

    static Quad slope(Activation f, Quad z) {
        double v = z.value();
        if (Double.isNaN(v)) {
            return Quad.of(v);
        }
        if (kinked(f)) {
            return v > 0 ? ONE : Quad.of(slopeBelow(f));
        }
        boolean bounded = f.equals(Activation.SIGMOID) || f.equals(Activation.TANH);
        if (Math.abs(v) > FAR) {
            return v > 0 && !bounded ? ONE : Quad.ZERO;
        }
        return switch (f.label()) {
            case "sigmoid" -> bell(z);
            case "silu" -> sigmoid(z).plus(z.times(bell(z)));
            case "gelu_tanh" -> {
                Quad rate = LINEAR.plus(CUBIC.times(z).times(z).times(3));
                yield sigmoid(inner(z)).plus(z.times(rate).times(bell(inner(z))));
            }
            case "gelu" -> normal(z).plus(z.times(density(z)));
            case "tanh" -> bell(z.times(2)).times(4);
            default -> throw new IllegalArgumentException(f.label());
        };
    }

    private static Quad inner(Quad z) {
        return z.times(LINEAR.plus(CUBIC.times(z).times(z)));
    }

    private static Quad sigmoid(Quad z) {
        Quad e = exp(z.value() > 0 ? z.times(-1) : z);
        return (z.value() > 0 ? ONE : e).over(e.plus(1));
    }

    private static Quad bell(Quad z) {
        Quad e = exp(z.value() > 0 ? z.times(-1) : z);
        Quad d = e.plus(1);
        return e.over(d).over(d);
    }

    private static Quad tanh(Quad z) {
        if (z.abs() < 1e-3) {
            Quad s = z.times(z);
            // z − z³/3 + 2z⁵/15 − 17z⁷/315 + 62z⁹/2835 − …
            Quad t = Quad.of(62).over(2835).times(s).minus(Quad.of(17).over(315)).times(s).plus(Quad.of(2).over(15))
                    .times(s).minus(ONE.over(3)).times(s);
            return z.plus(z.times(t));
        }
        Quad e = exp(z.value() > 0 ? z.times(-2) : z.times(2));
        Quad t = ONE.minus(e).over(e.plus(1));
        return z.value() > 0 ? t : t.times(-1);
    }

    private static Quad density(Quad z) {
        return exp(z.times(z).times(-0.5)).over(ROOT_2_PI);
    }

    private static Quad normal(Quad z) {
        Quad a = z.value() < 0 ? z.times(-1) : z;
        Quad left;
        if (a.value() >= TAIL) {
            Quad fraction = a;
            for (int i = FRACTIONS; i > 0; i--) {
                fraction = a.plus(Quad.of(i).over(fraction));
            }
            left = density(a).over(fraction);
        } else {
            Quad square = a.times(a);
            Quad term = a;
            Quad sum = a;
            for (int i = 3; term.value() > sum.value() * 0x1p-110; i += 2) {
                term = term.times(square).over(i);
                sum = sum.plus(term);
            }
            left = HALF.minus(density(a).times(sum));
        }
        return z.value() > 0 ? ONE.minus(left) : left;
    }

    /** By Taylor's series of what ln 2 leaves, over 2⁸, squared eight times; 0 where it is less than any f64. */
    private static Quad exp(Quad x) {
        if (x.value() < -800) {
            return Quad.ZERO;
        }
        int k = (int) Math.rint(x.value() / LN_2.high());
        Quad r = x.minus(LN_2.times(k)).scaled(-8);
        Quad sum = ONE;
        for (int i = 14; i > 0; i--) {
            sum = sum.times(r).over(i).plus(1);
        }
        for (int i = 0; i < 8; i++) {
            sum = sum.times(sum);
        }
        return sum.scaled(k);
    }
}
