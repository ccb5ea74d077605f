package normkit.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import normkit.Coordinates;
import normkit.Digits;
import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import normkit.weights.WeightStandardization.Convention;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Weight standardization against the formulas of its papers' code. */
class WeightStandardizationTest {

    private static final PlanOptions EXACT = PlanOptions.DEFAULT.exact();
    private static final long[] SHAPE = {5, 3, 37, 4};

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Convention convention : Convention.values()) {
            for (DataType type : DataType.values()) {
                for (int dim : new int[] {0, 1, 3}) {
                    // The last is within the limits of the conventions.
                    for (double spread : new double[] {2, 1e-5}) {
                        cases.add(Arguments.of(convention, type, dim, spread));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheFormula(Convention convention, DataType type, int dim, double spread) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, SHAPE);
        Tensor v = Digits.random(spec, spread / 4, spread, 1);
        try (WeightStandardization.Plan plan =
                WeightStandardization.of(convention).dim(dim).withGain().plan(spec, EXACT)) {
            Tensor gain = Digits.random(plan.parameterSpec(), 1, 0.5, 2);
            Tensor w = Tensor.allocate(spec);
            Statistics saved = plan.allocateStatistics();
            plan.forward(v, gain, w, saved);
            List<long[]> sets = Coordinates.sets(spec, axis -> axis == dim);
            for (int s = 0; s < sets.size(); s++) {
                long[] set = sets.get(s);
                BigDecimal mean = Digits.mean(v, set);
                BigDecimal squares = Digits.squares(v, set, mean);
                BigDecimal variance = squares.divide(Digits.of(set.length), Digits.MANY);
                assertEquals(mean.doubleValue(), saved.mean().get(s), 1e-6 * spread);
                assertEquals(variance.doubleValue(), saved.variance().get(s), 1e-6 * spread * spread);
                BigDecimal spreadOf = switch (convention) {
                    case DEVIATION ->
                        squares.divide(Digits.of(set.length - 1), Digits.MANY).sqrt(Digits.MANY).add(Digits.of(1e-5));
                    case ROOT -> variance.add(Digits.of(1e-10)).sqrt(Digits.MANY);
                    case SCALED -> squares.max(Digits.of(1e-4)).sqrt(Digits.MANY);
                };
                List<BigDecimal> exact = new ArrayList<>();
                for (long i : set) {
                    exact.add(Digits.value(v, i).subtract(mean).multiply(Digits.value(gain, s)).divide(spreadOf,
                            Digits.MANY));
                }
                double largest = exact.stream().mapToDouble(e -> Math.abs(e.doubleValue())).max().orElseThrow();
                for (int i = 0; i < set.length; i++) {
                    double error = Digits.error(type, w.get(set[i]), exact.get(i), largest);
                    assertTrue(error <= (type == DataType.F32 ? 3 : 6), () -> "off by " + error + " ulp");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void theRootIsLayerNormOverTheFanIn(DataType type) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, 6, 50, 3);
        Tensor v = Digits.random(spec, 1, 2, 1);
        Tensor dw = Digits.random(spec, 0, 1, 2);
        Tensor w = Tensor.allocate(spec);
        Tensor y = Tensor.allocate(spec);
        Tensor dv = Tensor.allocate(spec);
        Tensor dx = Tensor.allocate(spec);
        try (WeightStandardization.Plan plan = WeightStandardization.of(Convention.ROOT).plan(spec, EXACT);
                LayerNorm.Plan layer =
                        LayerNorm.over(50, 3).withoutScale().withoutShift().epsilon(1e-10).plan(spec, EXACT)) {
            Statistics saved = plan.allocateStatistics();
            plan.forward(v, null, w, saved);
            plan.backward(dw, v, null, saved, dv, null);
            Statistics layerSaved = Statistics.allocate(layer.statisticsSpec());
            layer.forward(v, null, null, y, layerSaved);
            layer.backward(dw, v, null, layerSaved, dx, null, null);
        }
        assertArrayEquals(values(y), values(w));
        assertArrayEquals(values(dx), values(dv));
    }

    private static double[] values(Tensor tensor) {
        return LongStream.range(0, tensor.spec().elements()).mapToDouble(tensor::get).toArray();
    }

    @ParameterizedTest
    @EnumSource(Convention.class)
    void equalWeightsComeOutAsZero(Convention convention) {
        TensorSpec spec = TensorSpec.rows(2, 4);
        Tensor v = Tensor.of(spec, new float[] {3, 3, 3, 3, 1, 2, 3, 4});
        Tensor dw = Tensor.of(spec, new float[] {1, 2, 3, 6, 1, 0, 0, 0});
        Tensor w = Tensor.allocate(spec);
        Tensor dv = Tensor.allocate(spec);
        try (WeightStandardization.Plan plan = WeightStandardization.of(convention).plan(spec, EXACT)) {
            Statistics saved = plan.allocateStatistics();
            plan.forward(v, null, w, saved);
            plan.backward(dw, v, null, saved, dv, null);
        }
        double[] factors = {1 / 1e-5, 1 / Math.sqrt(1e-10), 1 / Math.sqrt(1e-4)};
        double[] distances = {-2, -1, 0, 3};
        for (int i = 0; i < 4; i++) {
            assertEquals(0, w.get(i));
            assertEquals(distances[i] * factors[convention.ordinal()], dv.get(i), 1e-6 * factors[convention.ordinal()]);
        }
    }

    @Test
    void anUnbiasedDeviationNeedsTwoWeights() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> WeightStandardization.of(Convention.DEVIATION).plan(TensorSpec.rows(4, 1))).getMessage();
        assertTrue(message.contains("single weight per output along dim 0"), message);
        WeightStandardization.of(Convention.ROOT).plan(TensorSpec.rows(4, 1)).close();
    }

    @Test
    void epsilonsAreChecked() {
        for (Convention convention : Convention.values()) {
            WeightStandardization description = WeightStandardization.of(convention);
            for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThrows(IllegalArgumentException.class, () -> description.epsilon(bad));
            }
            if (convention != Convention.ROOT) {
                assertThrows(IllegalArgumentException.class, () -> description.epsilon(0));
            }
        }
        assertThrows(IllegalArgumentException.class,
                () -> WeightStandardization.of(Convention.ROOT).dim(2).plan(TensorSpec.rows(4, 1)));
    }

    @Test
    void aPlanOfOneDirectionRefusesTheOther() {
        TensorSpec spec = TensorSpec.rows(2, 4);
        Tensor x = Tensor.allocate(spec);
        try (WeightStandardization.Plan plan =
                WeightStandardization.of(Convention.DEVIATION).plan(spec, EXACT.forwardOnly())) {
            assertEquals(2, plan.decisions().size());
            assertTrue(plan.explain().contains("batch_norm"));
            assertThrows(IllegalStateException.class,
                    () -> plan.backward(x, x, null, plan.allocateStatistics(), null, null));
        }
    }
}
