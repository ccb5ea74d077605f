package normkit.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Activations against seventy digits, over their whole range. */
class ActivationTest {

    private static final int POINTS = 150;

    static List<Activation> smooth() {
        return List.of(Activation.GELU, Activation.GELU_TANH, Activation.SILU, Activation.SIGMOID, Activation.TANH);
    }

    static List<Activation> all() {
        List<Activation> all = new ArrayList<>(smooth());
        all.add(Activation.RELU);
        all.add(Activation.leakyRelu(0.01));
        return all;
    }

    /** Where results begin to vanish or saturate in either type, where methods change, and a spread over all exponents. */
    private static List<Double> points() {
        List<Double> points = new ArrayList<>(List.of(-0.7517916, -1.2784645, -0.7524614, 1.0, -1.0, 0.5, -22.0, 22.0));
        double[] edges = {708.3964185322641, 745.1332191019411, 709.782712893384, 800, 750.9, 37.5193793, 38.4856, 38.6,
            8.3, 5.9, 9.0109, 19.07, 20, 21.9, 22.1, 40, 14.2, 14.9, 10.05, 16.6, 88.722839, 103.97, 104.5, 120, 108.8,
            53, 4, 5, 0.17328679, 0.34657359, 1.0397, 26.5, 21.4, 21.5, 11.6};
        for (double edge : edges) {
            for (double sign : new double[] {1, -1}) {
                points.add(sign * edge);
                points.add(sign * Math.nextUp(edge));
                points.add(sign * Math.nextDown(edge));
                points.add(sign * edge * (1 + 1e-6));
                points.add(sign * edge * (1 - 1e-6));
            }
        }
        Random random = new Random(7);
        for (int i = 0; i < POINTS; i++) {
            double sign = random.nextBoolean() ? 1 : -1;
            points.add(sign * 6 * random.nextDouble());
            points.add(sign * 45 * random.nextDouble());
            points.add(-800 * random.nextDouble());
            points.add(sign * Math.scalb(1 + random.nextDouble(), random.nextInt(-40, 8)));
        }
        return points;
    }

    /** The distance from the exact value in ulps of the type, which has {@code bits} of precision and a least number. */
    private static double ulps(double got, BigDecimal exact, int bits, double least) {
        double unit = Math.max(least, Math.scalb(1.0, Math.getExponent(exact.doubleValue()) - bits + 1));
        return new BigDecimal(got).subtract(exact).abs().divide(new BigDecimal(unit), ExactActivation.DIGITS)
                .doubleValue();
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void f64IsWithinAnUlp(Activation f) {
        double worst = 0;
        for (double z : points()) {
            double error = ulps(f.value(z), ExactActivation.value(f, z), 53, Double.MIN_VALUE);
            assertTrue(error <= 1, () -> f + "(" + z + ") is " + f.value(z) + ", off by " + error + " ulp");
            worst = Math.max(worst, error);
        }
        assertTrue(worst > 0.4, "an error of at most " + worst + " ulp is too good to be true");
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void f32IsWithinHalfAnUlpAndALittle(Activation f) {
        for (double point : points()) {
            float z = (float) point;
            double error = ulps(f.value(z), ExactActivation.value(f, z), 24, Float.MIN_VALUE);
            assertTrue(error <= 0.51, () -> f + "(" + z + ") is " + f.value(z) + ", off by " + error + " ulp");
        }
    }

    /** Relative to the derivative, or, where it has a zero, to the terms that cancel there. */
    @ParameterizedTest
    @MethodSource("smooth")
    void derivativesAreAccurate(Activation f) {
        for (double z : points()) {
            BigDecimal exact = ExactActivation.slope(f, z);
            double unit = Math.max(z > -0.5 || z < -2 ? Math.ulp(exact.doubleValue()) : 0x1p-53, Double.MIN_VALUE);
            double error = new BigDecimal(f.gradient(1.0, z)).subtract(exact).abs().doubleValue() / unit;
            assertTrue(error <= 8, () -> f + "'(" + z + ") is " + f.gradient(1.0, z) + ", off by " + error);
            float narrow = (float) z;
            BigDecimal exactNarrow = ExactActivation.slope(f, narrow);
            double floatUnit = Math.max(Math.ulp((float) exactNarrow.doubleValue()), 0x1p-34);
            double floatError =
                    new BigDecimal(f.gradient(1f, narrow)).subtract(exactNarrow).abs().doubleValue() / floatUnit;
            assertTrue(floatError <= 0.6, () -> f + "'(" + narrow + ") in f32 is off by " + floatError);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void loopsGiveTheBitsOfSingleValues(Activation f) {
        List<Double> points = points();
        int n = points.size();
        float[] z = new float[n + 1];
        float[] narrow = new float[n + 1];
        float[] gradient = new float[n + 1];
        double[] wide = new double[n + 1];
        double[] wideGradient = new double[n + 1];
        double[] at = new double[n + 1];
        for (int i = 0; i < n; i++) {
            at[i] = points.get(i);
            z[i] = (float) at[i];
            narrow[i] = z[i];
            gradient[i] = i % 7 - 3;
            wide[i] = at[i];
            wideGradient[i] = i % 7 - 3;
        }
        narrow[n] = 5;
        f.apply(narrow, n);
        f.gradient(gradient, z.clone(), n);
        f.apply(wide, n);
        f.gradient(wideGradient, at, n);
        for (int i = 0; i < n; i++) {
            int dy = i % 7 - 3;
            assertEquals(f.value(z[i]), narrow[i]);
            assertEquals(f.gradient((float) dy, z[i]), gradient[i]);
            assertEquals(f.value(at[i]), wide[i]);
            assertEquals(f.gradient((double) dy, at[i]), wideGradient[i]);
        }
        assertEquals(5, narrow[n]);
    }

    @ParameterizedTest
    @MethodSource("all")
    void specialValuesAreThoseOfTheLimits(Activation f) {
        boolean bounded = f.equals(Activation.SIGMOID) || f.equals(Activation.TANH);
        double top = bounded ? 1 : Double.POSITIVE_INFINITY;
        double bottom =
                f.equals(Activation.TANH) ? -1 : f.equals(Activation.leakyRelu(0.01)) ? Double.NEGATIVE_INFINITY : 0;
        double slopeTop = bounded ? 0 : 1;
        double slopeBottom = f.equals(Activation.leakyRelu(0.01)) ? 0.01 : 0;
        assertEquals(top, f.value(Double.POSITIVE_INFINITY));
        assertEquals((float) top, f.value(Float.POSITIVE_INFINITY));
        assertEquals(bottom, f.value(Double.NEGATIVE_INFINITY) + 0.0);
        assertEquals((float) bottom, f.value(Float.NEGATIVE_INFINITY) + 0f);
        assertEquals(slopeTop, f.gradient(1.0, Double.POSITIVE_INFINITY));
        assertEquals((float) slopeTop, f.gradient(1f, Float.POSITIVE_INFINITY));
        assertEquals(slopeBottom, f.gradient(1.0, Double.NEGATIVE_INFINITY) + 0.0);
        assertEquals((float) slopeBottom, f.gradient(1f, Float.NEGATIVE_INFINITY) + 0f);
        assertEquals(bounded ? 1 : Double.MAX_VALUE, f.value(Double.MAX_VALUE));
        assertEquals(bounded ? 1 : Float.MAX_VALUE, f.value(Float.MAX_VALUE));
        assertEquals(slopeTop, f.gradient(1.0, Double.MAX_VALUE));
        assertEquals(slopeBottom, f.gradient(1.0, -Double.MAX_VALUE) + 0.0);
        assertTrue(Double.isNaN(f.value(Double.NaN)) && Float.isNaN(f.value(Float.NaN)));
        assertTrue(Double.isNaN(f.gradient(1.0, Double.NaN)) && Float.isNaN(f.gradient(1f, Float.NaN)));
        assertTrue(Double.isNaN(f.gradient(Double.NaN, 1)) && Float.isNaN(f.gradient(Float.NaN, 1)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void nearZeroTheyAreTheirTangents(Activation f) {
        double at0 = f.equals(Activation.SIGMOID) ? 0.5 : 0;
        assertEquals(at0, f.value(0.0));
        assertEquals((float) at0, f.value(0f));
        double slope = switch (f.label()) {
            case "sigmoid" -> 0.25;
            case "tanh" -> 1;
            case "relu" -> 0;
            case "leaky_relu(0.01)" -> 0.01;
            default -> 0.5;
        };
        assertEquals(slope, f.gradient(1.0, 0.0));
        assertEquals((float) slope, f.gradient(1f, 0f));
        assertEquals(slope, f.gradient(1.0, -0.0));
        assertEquals((float) slope, f.gradient(1f, -0f));
        for (double z : new double[] {Double.MIN_VALUE, 3 * Double.MIN_VALUE, 1e-310, Double.MIN_NORMAL, 1e-30}) {
            assertEquals(at0 + slope * -z, f.value(-z), Double.MIN_VALUE);
            assertEquals((float) at0 + (float) (slope * -(float) z), f.value(-(float) z), Float.MIN_VALUE);
        }
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void zeroKeepsItsSignWhereTheFunctionIsOddThere(Activation f) {
        double zero = f.equals(Activation.SIGMOID) ? 0.5 : -0.0;
        assertEquals(zero, f.value(-0.0));
        assertEquals((float) zero, f.value(-0f));
    }

    @ParameterizedTest
    @MethodSource("all")
    void namesAreUnique(Activation f) {
        assertEquals(f, Activation.of(f.label()));
        assertEquals(f.hashCode(), Activation.of(f.label()).hashCode());
        all().stream().filter(other -> !other.label().equals(f.label())).forEach(other -> assertNotEquals(f, other));
    }

    @Test
    void otherNamesAreRefused() {
        assertEquals(Activation.leakyRelu(0.01), Activation.of("leaky_relu"));
        assertNotEquals(Activation.leakyRelu(0.01), Activation.leakyRelu(0.02));
        String message = assertThrows(IllegalArgumentException.class, () -> Activation.of("swish")).getMessage();
        assertTrue(message.startsWith("activation is swish; it must be one of relu, "), message);
        for (double slope : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> Activation.leakyRelu(slope)).getMessage()
                    .startsWith("slope is " + slope));
        }
    }
}
