package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import normkit.techniques.LpNorm;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ScaleNorm against its formula. */
class ScaleNormTest {

    private static final PlanOptions EXACT = PlanOptions.DEFAULT.exact();

    private static Tensor length(DataType type, double g) {
        Tensor length = Tensor.allocate(TensorSpec.of(type, Layout.ROWS, 1));
        length.set(0, g);
        return length;
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void matchesTheFormula(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, 9, 3, 67);
        Tensor x = Digits.random(spec, 0.3, 2, 1);
        Tensor g = length(type, 7.3);
        Tensor y = Tensor.allocate(spec);
        try (ScaleNorm.Plan plan = ScaleNorm.over(3, 67).epsilon(0.5).plan(spec, EXACT)) {
            plan.forward(x, g, y, Statistics.NONE);
        }
        for (long[] set : Coordinates.sets(spec, axis -> axis == 0)) {
            BigDecimal length = Digits.squares(x, set, BigDecimal.ZERO).add(Digits.of(0.5)).sqrt(Digits.MANY);
            for (long i : set) {
                BigDecimal exact = Digits.value(x, i).multiply(Digits.value(g, 0)).divide(length, Digits.MANY);
                double error = Digits.error(type, y.get(i), exact, Math.abs(exact.doubleValue()));
                assertTrue(error <= 4, () -> "off by " + error + " ulp");
            }
        }
    }

    /** ScaleNorm = g/√d · RMS norm, to the last bit where √d and d are powers of two. */
    @ParameterizedTest
    @EnumSource(DataType.class)
    void itIsRmsNormWithOneGain(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, 5, 64);
        Tensor x = Digits.random(spec, 0, 2, 1);
        Tensor dy = Digits.random(spec, 0, 2, 2);
        Tensor gains = Tensor.allocate(TensorSpec.of(type, Layout.ROWS, 64));
        for (int i = 0; i < 64; i++) {
            gains.set(i, 3.0 / 8);
        }
        Tensor y = Tensor.allocate(spec);
        Tensor expected = Tensor.allocate(spec);
        Tensor dx = Tensor.allocate(spec);
        Tensor expectedGradient = Tensor.allocate(spec);
        try (ScaleNorm.Plan plan = ScaleNorm.over(64).epsilon(64e-5).plan(spec, EXACT);
                RmsNorm.Plan rms = RmsNorm.over(64).epsilon(64e-5 / 64).plan(spec, EXACT)) {
            Statistics saved = new Statistics(null, null, Tensor.allocate(plan.statisticsSpec()));
            plan.forward(x, length(type, 3), y, saved);
            plan.backward(dy, x, length(type, 3), saved, dx, null);
            rms.forward(x, gains, null, expected, saved);
            rms.backward(dy, x, gains, saved, expectedGradient, null, null);
        }
        for (long i = 0; i < spec.elements(); i++) {
            assertEquals(expected.get(i), y.get(i));
            assertEquals(expectedGradient.get(i), dx.get(i));
        }
    }

    /** Apart from what is almost 0, the additive ε is the published lower limit of the length. */
    @Test
    void itAgreesWithTheLowerLimitOfTheAuthorsCode() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.ROWS, 6, 30);
        Tensor x = Digits.random(spec, 0, 2, 1);
        Tensor y = Tensor.allocate(spec);
        Tensor expected = Tensor.allocate(spec);
        try (ScaleNorm.Plan plan = ScaleNorm.over(30).plan(spec, EXACT);
                LpNorm.Plan l2 = LpNorm.of(2).epsilon(1e-5).plan(spec)) {
            plan.forward(x, length(DataType.F64, 1), y, Statistics.NONE);
            l2.forward(x, expected);
        }
        for (long i = 0; i < spec.elements(); i++) {
            assertEquals(expected.get(i), y.get(i), 1e-11);
        }
    }

    @Test
    void zerosStayZerosAndBadNumbersAreRefused() {
        TensorSpec spec = TensorSpec.rows(2, 3);
        Tensor y = Tensor.allocate(spec);
        try (ScaleNorm.Plan plan = ScaleNorm.over(3).epsilon(0).plan(spec)) {
            plan.forward(Tensor.allocate(spec), length(DataType.F32, 2), y, Statistics.NONE);
            assertEquals(List.of("rms_norm"),
                    plan.decisions().stream().map(d -> d.problem().operation().label()).distinct().toList());
            assertTrue(plan.explain().contains("rms_norm"));
        }
        assertEquals(0, y.get(4));
        assertThrows(IllegalArgumentException.class, () -> ScaleNorm.over());
        assertThrows(IllegalArgumentException.class, () -> ScaleNorm.over(3).epsilon(-1));
        assertThrows(IllegalArgumentException.class, () -> ScaleNorm.over(4).plan(spec));
    }
}
