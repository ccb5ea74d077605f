package normkit.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.LongStream;
import normkit.Coordinates;
import normkit.Digits;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Weight norm against its formula. */
class WeightNormTest {

    private static final long[] SHAPE = {5, 3, 37, 9};

    private static WeightNorm description(int dim) {
        return dim == 9 ? WeightNorm.create().overAll() : WeightNorm.create().dim(dim);
    }

    @ParameterizedTest
    @CsvSource({"0,F32", "1,F32", "3,F32", "-1,F32", "9,F32", "0,F64", "1,F64", "3,F64", "-2,F64", "9,F64"})
    void matchesTheFormula(int dim, DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, SHAPE);
        Tensor v = Digits.random(spec, 3, 4, 1);
        try (WeightNorm.Plan plan = description(dim).plan(spec)) {
            Tensor g = Digits.random(plan.parameterSpec(), 0, 2, 2);
            Tensor w = Tensor.allocate(spec);
            Tensor norms = Tensor.allocate(plan.parameterSpec());
            plan.forward(v, g, w);
            plan.norms(v, norms);
            int kept = dim < 0 ? dim + SHAPE.length : dim;
            List<long[]> sets = Coordinates.sets(spec, axis -> axis == kept);
            assertEquals(plan.parameterSpec().elements(), sets.size());
            for (int s = 0; s < sets.size(); s++) {
                BigDecimal norm = Digits.squares(v, sets.get(s), BigDecimal.ZERO).sqrt(Digits.MANY);
                assertTrue(Digits.error(type, norms.get(s), norm, norm.doubleValue()) < bound(type));
                for (long i : sets.get(s)) {
                    BigDecimal exact = Digits.value(v, i).multiply(Digits.value(g, s)).divide(norm, Digits.MANY);
                    assertTrue(Digits.error(type, w.get(i), exact, Math.abs(exact.doubleValue())) < bound(type));
                }
            }
        }
    }

    /** f32 is rounded once; in f64 some hundred squares are added one after the other. */
    private static double bound(DataType type) {
        return type == DataType.F32 ? 0.5001 : 16;
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void itIsTheIdentityWhereTheLengthIsTheNorm(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, SHAPE);
        Tensor v = Digits.random(spec, 0, 4, 1);
        try (WeightNorm.Plan plan = WeightNorm.create().plan(spec)) {
            Tensor g = Tensor.allocate(plan.parameterSpec());
            Tensor w = Tensor.allocate(spec);
            plan.norms(v, g);
            plan.forward(v, g, w);
            for (long i = 0; i < spec.elements(); i++) {
                assertEquals(0, Digits.error(type, w.get(i), Digits.value(v, i), Math.abs(v.get(i))), 2);
            }
        }
    }

    /** Powers of two: every operation is exact. */
    @Test
    void itIsExactWhereItCanBe() {
        TensorSpec spec = TensorSpec.rows(2, 4);
        Tensor v = Tensor.of(spec, new float[] {1, -1, 1, 1, 4, 4, -4, 4});
        Tensor g = Tensor.of(TensorSpec.rows(2), new float[] {6, 2});
        Tensor dw = Tensor.of(spec, new float[] {1, 0, 0, 0, 2, 2, 2, 2});
        Tensor w = Tensor.allocate(spec);
        Tensor dv = Tensor.allocate(spec);
        Tensor dg = Tensor.allocate(TensorSpec.rows(2));
        try (WeightNorm.Plan plan = WeightNorm.create().plan(spec)) {
            plan.forward(v, g, w);
            plan.backward(dw, v, g, dv, dg);
        }
        assertEquals(List.of(3f, -3f, 3f, 3f, 1f, 1f, -1f, 1f), list(w));
        // dg = Σ dw·v/‖v‖; dv = g/‖v‖·(dw − v/‖v‖·dg).
        assertEquals(List.of(0.5f, 2f), list(dg));
        assertEquals(List.of(2.25f, 0.75f, -0.75f, -0.75f, 0.25f, 0.25f, 0.75f, 0.25f), list(dv));
    }

    private static List<Float> list(Tensor tensor) {
        return LongStream.range(0, tensor.spec().elements()).mapToObj(i -> (float) tensor.get(i)).toList();
    }

    @ParameterizedTest
    @CsvSource({"1e-200", "1e200", "1e-300"})
    void squaresMayLeaveTheRangeOfDouble(double scale) {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.ROWS, 2, 3);
        Tensor v = Tensor.of(spec, new double[] {3 * scale, 0, 4 * scale, 1, 2, 2});
        Tensor g = Tensor.of(TensorSpec.of(DataType.F64, Layout.ROWS, 2), new double[] {10, 6});
        Tensor w = Tensor.allocate(spec);
        try (WeightNorm.Plan plan = WeightNorm.create().plan(spec)) {
            plan.forward(v, g, w);
        }
        double[] expected = {6, 0, 8, 2, 4, 4};
        for (int i = 0; i < 6; i++) {
            assertEquals(expected[i], w.get(i), 1e-14);
        }
    }

    @Test
    void aSliceOfZerosStaysThat() {
        TensorSpec spec = TensorSpec.rows(2, 3);
        Tensor v = Tensor.of(spec, new float[] {0, 0, 0, 1, 2, 2});
        Tensor ones = Tensor.of(TensorSpec.rows(2), new float[] {1, 1});
        Tensor dw = Tensor.of(spec, new float[] {1, 2, 3, 0, 0, 3});
        Tensor w = Tensor.allocate(spec);
        Tensor dv = Tensor.allocate(spec);
        Tensor dg = Tensor.allocate(TensorSpec.rows(2));
        try (WeightNorm.Plan plan = WeightNorm.create().plan(spec)) {
            plan.forward(v, ones, w);
            plan.backward(dw, v, ones, dv, dg);
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(0, w.get(i));
            assertEquals(0, dv.get(i));
        }
        assertEquals(0, dg.get(0));
        assertEquals(2, dg.get(1));
    }

    /** With g and bias from the first batch, its pre-activations have mean 0 and variance 1. */
    @Test
    void initializationStandardizesTheFirstBatch() {
        TensorSpec one = TensorSpec.of(DataType.F64, Layout.ROWS, 2);
        Tensor mean = Tensor.of(one, new double[] {3, -8});
        Tensor variance = Tensor.of(one, new double[] {4, 0.25});
        Tensor g = Tensor.allocate(one);
        Tensor bias = Tensor.allocate(one);
        WeightNorm.initialize(mean, variance, g, bias);
        assertEquals(List.of(0.5f, 2f), list(g));
        assertEquals(List.of(-1.5f, 16f), list(bias));
        variance.set(1, 0);
        String message =
                assertThrows(IllegalArgumentException.class, () -> WeightNorm.initialize(mean, variance, g, bias))
                        .getMessage();
        assertEquals("variance at 1 is 0.0; it must be positive and finite", message);
        assertThrows(IllegalArgumentException.class, () -> WeightNorm.initialize(mean, variance, mean, bias));
        assertThrows(IllegalArgumentException.class,
                () -> WeightNorm.initialize(mean, Tensor.allocate(TensorSpec.rows(3)), g, bias));
    }

    @Test
    void anEmptyWeightIsNothingToDo() {
        TensorSpec spec = TensorSpec.rows(0, 3);
        try (WeightNorm.Plan plan = WeightNorm.create().plan(spec)) {
            Tensor g = Tensor.allocate(plan.parameterSpec());
            plan.forward(Tensor.allocate(spec), g, Tensor.allocate(spec));
        }
    }

    @Test
    void thereMustBeSuchAnAxis() {
        for (int dim : new int[] {-3, 2}) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> WeightNorm.create().dim(dim).plan(TensorSpec.rows(2, 3))).getMessage();
            assertTrue(message.startsWith("dim is " + dim + "; it must be -2 to 1"), message);
        }
    }
}
