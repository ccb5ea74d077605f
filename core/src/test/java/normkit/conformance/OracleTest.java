package normkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import normkit.conformance.parts.Judge;
import normkit.conformance.parts.Quad;
import normkit.spi.Operation;
import normkit.spi.Pass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle against arithmetic of a hundred digits and against textbook numbers. */
class OracleTest {

    private static final MathContext DIGITS = new MathContext(100);

    @Test
    void quadsKeepAHundredBits() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            double a = random.nextGaussian() * Math.scalb(1.0, random.nextInt(40));
            double b = random.nextGaussian();
            Quad root = Quad.of(Math.abs(a) + 1e-3).plus(b * b).reciprocalRoot();
            BigDecimal exactRoot = BigDecimal.ONE
                    .divide(new BigDecimal(Math.abs(a) + 1e-3).add(exact(Quad.of(b * b))).sqrt(DIGITS), DIGITS);
            assertClose(exactRoot, root);
            assertClose(new BigDecimal(a).multiply(new BigDecimal(b)), Quad.of(a).times(b));
            assertClose(new BigDecimal(a).divide(new BigDecimal(b), DIGITS), Quad.of(a).over(b));
            assertClose(new BigDecimal(a).add(new BigDecimal(b)), Quad.of(a).plus(b));
        }
    }

    private static BigDecimal exact(Quad q) {
        return new BigDecimal(q.high()).add(new BigDecimal(q.low()));
    }

    private static void assertClose(BigDecimal expected, Quad got) {
        BigDecimal error = expected.subtract(exact(got)).abs();
        BigDecimal limit = expected.abs().multiply(new BigDecimal(0x1p-98));
        assertTrue(error.compareTo(limit) <= 0, () -> got + " instead of " + expected);
    }

    @ParameterizedTest
    @EnumSource(value = Values.class, names = {"NORMAL", "OFFSET_1E6", "CONSTANT", "TINY", "HUGE", "LARGEST",
        "SUBNORMAL"})
    void layerNormIsThatOfAHundredDigits(Values values) {
        Case c = Case.parse(
                "layer_norm:forward:f64:rows:3x7:1:0:true:true:1.0E-5:" + values.label() + ":heap:heap:apart:none:5");
        Inputs in = new Inputs(c);
        Oracle.Forward got = new Oracle(c.problem()).forward(in);
        BigDecimal seven = BigDecimal.valueOf(7);
        for (int row = 0; row < 3; row++) {
            BigDecimal mean = BigDecimal.ZERO;
            BigDecimal variance = BigDecimal.ZERO;
            for (int i = 0; i < 7; i++) {
                mean = mean.add(new BigDecimal(in.x[7 * row + i]));
            }
            mean = mean.divide(seven, DIGITS);
            for (int i = 0; i < 7; i++) {
                variance = variance.add(new BigDecimal(in.x[7 * row + i]).subtract(mean).pow(2));
            }
            BigDecimal root = variance.divide(seven, DIGITS).add(new BigDecimal(1e-5)).sqrt(DIGITS);
            for (int i = 0; i < 7; i++) {
                BigDecimal xhat = new BigDecimal(in.x[7 * row + i]).subtract(mean).divide(root, DIGITS);
                BigDecimal y = xhat.multiply(new BigDecimal(in.scale[i])).add(new BigDecimal(in.shift[i]));
                double error = y.subtract(exact(got.y()[7 * row + i])).abs().doubleValue();
                assertTrue(error <= 0x1p-85 * got.magnitude()[7 * row + i], () -> "error " + error);
            }
        }
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        int checked = 0;
        for (Case c : Conformance.full().cases()) {
            if (FiniteDifferences.applicable(c)) {
                Inputs in = new Inputs(c);
                Judge judge = new Judge();
                new FiniteDifferences(c, in).check(new Oracle(c.problem()).backward(in), judge);
                assertEquals(0, judge.mistakes().size(), () -> judge.mistakes().toString());
                checked++;
            }
        }
        assertTrue(checked > 50, "only " + checked + " cases were small and tame enough");
    }

    @Test
    void setsAndParametersFollowTheDefinition() {
        Case first = Case
                .parse("group_norm:forward:f32:channels_first:2x4x3:0:2:true:true:0.5:normal:heap:heap:apart:none:1");
        Sets sets = new Sets(first.problem());
        assertEquals(1, sets.setOf(6));
        assertEquals(2, sets.setOf(12));
        assertEquals(3, sets.parameterOf(23));
        Case last = Case
                .parse("group_norm:forward:f32:channels_last:2x3x4:0:2:true:true:0.5:normal:heap:heap:apart:none:1");
        sets = new Sets(last.problem());
        assertEquals(1, sets.setOf(6));
        assertEquals(2, sets.setOf(12));
        assertEquals(2, sets.parameterOf(6));
        assertEquals(Operation.GROUP_NORM, last.operation());
        assertEquals(Pass.FORWARD, last.pass());
    }
}
