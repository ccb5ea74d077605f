package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import normkit.techniques.LpNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lp norm against its formula. */
class LpNormTest {

    private static final long[] SHAPE = {4, 7, 33, 5};

    @ParameterizedTest
    @CsvSource({"1,F32", "2,F32", "3,F32", "Infinity,F32", "1,F64", "2,F64", "3,F64", "Infinity,F64"})
    void matchesTheFormula(double p, DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, SHAPE);
        Tensor x = Digits.random(spec, 0.5, 3, 1);
        for (int axis = -4; axis < 4; axis++) {
            Tensor y = Tensor.allocate(spec);
            try (LpNorm.Plan plan = LpNorm.of(p).axis(axis).plan(spec)) {
                Tensor norms = Tensor.allocate(plan.statisticsSpec());
                plan.forward(x, y);
                plan.norms(x, norms);
                int along = Math.floorMod(axis, 4);
                List<long[]> sets = Coordinates.sets(spec, a -> a != along);
                assertEquals(norms.spec().elements(), sets.size());
                for (int s = 0; s < sets.size(); s++) {
                    BigDecimal norm = norm(p, x, sets.get(s));
                    assertTrue(Digits.error(type, norms.get(s), norm, norm.doubleValue()) < bound(type));
                    for (long i : sets.get(s)) {
                        BigDecimal exact = Digits.value(x, i).divide(norm, Digits.MANY);
                        assertTrue(Digits.error(type, y.get(i), exact, Math.abs(exact.doubleValue())) < bound(type));
                    }
                }
            }
        }
    }

    private static double bound(DataType type) {
        return type == DataType.F32 ? 0.5001 : 5;
    }

    private static BigDecimal norm(double p, Tensor x, long[] set) {
        if (p == 2) {
            return Digits.squares(x, set, BigDecimal.ZERO).sqrt(Digits.MANY);
        }
        if (p == Double.POSITIVE_INFINITY) {
            return Digits.of(Arrays.stream(set).mapToDouble(i -> Math.abs(x.get(i))).max().orElseThrow());
        }
        BigDecimal sum = Arrays.stream(set).mapToObj(i -> Digits.value(x, i).abs().pow((int) p)).reduce(BigDecimal.ZERO,
                BigDecimal::add);
        return p == 1 ? sum : cubeRoot(sum);
    }

    /** By Newton's method. */
    private static BigDecimal cubeRoot(BigDecimal a) {
        BigDecimal root = Digits.of(Math.cbrt(a.doubleValue()));
        for (int i = 0; i < 3; i++) {
            BigDecimal excess = root.pow(3).subtract(a);
            root = root.subtract(excess.divide(root.pow(2).multiply(Digits.of(3)), Digits.MANY));
        }
        return root;
    }

    /** p = 1 takes absolute values, which the reference evaluator of ONNX forgets. */
    @Test
    void isExactWhereItCanBe() {
        TensorSpec spec = TensorSpec.rows(1, 4);
        Tensor x = Tensor.of(spec, new float[] {1, -3, 0, 4});
        assertRow(LpNorm.of(1), x, 0.125, -0.375, 0, 0.5);
        assertRow(LpNorm.of(Double.POSITIVE_INFINITY), x, 0.25, -0.75, 0, 1);
        assertRow(LpNorm.of(2), Tensor.of(spec, new float[] {1, 1, -1, 1}), 0.5, 0.5, -0.5, 0.5);
    }

    private static void assertRow(LpNorm norm, Tensor x, double... expected) {
        Tensor y = Tensor.allocate(x.spec());
        try (LpNorm.Plan plan = norm.plan(x.spec())) {
            plan.forward(x, y);
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], y.get(i));
        }
    }

    /** Both published conventions for vectors without a direction. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "Infinity"})
    void zerosStayZeros(double p) {
        TensorSpec spec = TensorSpec.rows(1, 3);
        Tensor x = Tensor.allocate(spec);
        Tensor dy = Tensor.of(spec, new float[] {1, 2, 4});
        Tensor dx = Tensor.allocate(spec);
        assertRow(LpNorm.of(p), x, 0, 0, 0);
        assertRow(LpNorm.of(p).epsilon(0), x, 0, 0, 0);
        try (LpNorm.Plan onnx = LpNorm.of(p).epsilon(0).plan(spec);
                LpNorm.Plan torch = LpNorm.of(p).epsilon(0.5).plan(spec)) {
            onnx.backward(dy, x, dx);
            assertEquals(0, dx.get(2));
            torch.backward(dy, x, dx);
            assertEquals(8, dx.get(2));
        }
    }

    @Test
    void shortVectorsAreDividedByEpsilon() {
        Tensor x = Tensor.of(TensorSpec.rows(2, 2), new float[] {0.25f, 0, 3, 4});
        Tensor y = Tensor.allocate(x.spec());
        try (LpNorm.Plan plan = LpNorm.of(2).epsilon(0.5).plan(x.spec())) {
            plan.forward(x, y);
        }
        assertEquals(0.5, y.get(0));
        assertEquals(0.6f, y.get(2));
    }

    /** The largest of a vector twice: each has half of the norm's gradient, as in PyTorch. */
    @Test
    void equalLargestElementsShareTheGradient() {
        TensorSpec spec = TensorSpec.rows(1, 3);
        Tensor x = Tensor.of(spec, new float[] {2, -2, 1});
        Tensor dy = Tensor.of(spec, new float[] {1, 0, 2});
        Tensor dx = Tensor.allocate(spec);
        try (LpNorm.Plan plan = LpNorm.of(Double.POSITIVE_INFINITY).plan(spec)) {
            plan.backward(dy, x, dx);
        }
        // Σdy·y = 1 + 1 = 2, of which each takes sign·2/2 off its own dy before it is divided by 2.
        assertEquals(0, dx.get(0));
        assertEquals(0.5, dx.get(1));
        assertEquals(1, dx.get(2));
    }

    @Test
    void badNumbersAreRefused() {
        for (double p : new double[] {0.5, 0, -1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> LpNorm.of(p));
        }
        assertThrows(IllegalArgumentException.class, () -> LpNorm.of(2).epsilon(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> LpNorm.of(2).axis(2).plan(TensorSpec.rows(2, 2)));
    }
}
