package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import normkit.techniques.MeanVarianceNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mean-variance norm over every choice of axes against its formula. */
class MeanVarianceNormTest {

    private static final PlanOptions EXACT = PlanOptions.DEFAULT.exact();

    static List<Arguments> axes() {
        List<Arguments> cases = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (long[] shape : new long[][] {{3, 4, 5, 6}, {3, 1, 5, 6}, {1, 4, 5, 6}, {40, 7, 3}}) {
                for (int bits = 1; bits < 1 << shape.length; bits++) {
                    int chosen = bits;
                    int[] axes = IntStream.range(0, shape.length).filter(i -> (chosen >> i & 1) == 1).toArray();
                    cases.add(Arguments.of(TensorSpec.of(type, Layout.ROWS, shape), axes));
                }
            }
        }
        return cases;
    }

    /** Two kinds of axes by turns, the first normalized over: there is no kernel for that. */
    private static boolean tooOften(TensorSpec spec, int[] axes) {
        return spec.axis(0) == 3 && spec.rank() == 4 && spec.axis(1) == 4 && Arrays.equals(axes, new int[] {0, 2});
    }

    @ParameterizedTest
    @MethodSource("axes")
    void matchesTheFormula(TensorSpec spec, int[] axes) {
        MeanVarianceNorm norm = MeanVarianceNorm.over(axes).epsilon(1e-3);
        if (tooOften(spec, axes)) {
            String message = assertThrows(IllegalArgumentException.class, () -> norm.plan(spec)).getMessage();
            assertTrue(message.contains("normalized over axes 0 2; axes normalized over and kept must not alternate"),
                    message);
            return;
        }
        Tensor x = Digits.random(spec, 1, 2, 1);
        Tensor y = Tensor.allocate(spec);
        List<long[]> sets = Coordinates.sets(spec, axis -> Arrays.stream(axes).noneMatch(a -> a == axis));
        try (MeanVarianceNorm.Plan plan = norm.plan(spec, EXACT)) {
            Tensor mean = Tensor.allocate(plan.statisticsSpec());
            plan.forward(x, y, new Statistics(mean, null, null));
            assertEquals(sets.size(), mean.spec().elements());
            for (int s = 0; s < sets.size(); s++) {
                long[] set = sets.get(s);
                BigDecimal exactMean = Digits.mean(x, set);
                BigDecimal deviation = Digits.squares(x, set, exactMean).divide(Digits.of(set.length), Digits.MANY)
                        .add(Digits.of(1e-3)).sqrt(Digits.MANY);
                assertEquals(exactMean.doubleValue(), mean.get(s), 1e-6);
                for (long i : set) {
                    BigDecimal exact = Digits.value(x, i).subtract(exactMean).divide(deviation, Digits.MANY);
                    double error =
                            Digits.error(spec.type(), y.get(i), exact, Math.max(1, Math.abs(exact.doubleValue())));
                    assertTrue(error <= (spec.type() == DataType.F32 ? 3 : 6), () -> "off by " + error + " ulp");
                }
            }
        }
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.spec().elements()];
        Arrays.setAll(values, tensor::get);
        return values;
    }

    /** Across channels it is layer norm over a sample, within a channel instance norm, per channel batch norm: same bits. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void itIsANormOfTheLibraryWithoutParameters(Layout layout) {
        if (layout == Layout.ROWS) {
            assertThrows(IllegalArgumentException.class,
                    () -> MeanVarianceNorm.withinChannel().plan(TensorSpec.rows(2, 3, 4)));
            return;
        }
        TensorSpec spec = TensorSpec.of(DataType.F32, layout, 3, 6, 20, 10);
        Tensor x = Digits.random(spec, 1, 2, 1);
        Tensor y = Tensor.allocate(spec);
        Tensor expected = Tensor.allocate(spec);
        MeanVarianceNorm across = MeanVarianceNorm.acrossChannels();
        try (MeanVarianceNorm.Plan plan = across.plan(spec, EXACT);
                LayerNorm.Plan layer =
                        LayerNorm.over(6, 20, 10).withoutScale().withoutShift().epsilon(1e-9).plan(spec, EXACT)) {
            plan.forward(x, y, Statistics.NONE);
            layer.forward(x, null, null, expected);
            assertArrayEquals(values(expected), values(y));
        }
        try (MeanVarianceNorm.Plan plan = MeanVarianceNorm.withinChannel().plan(spec, EXACT);
                InstanceNorm.Plan instance =
                        InstanceNorm.create().withoutScale().withoutShift().epsilon(1e-9).plan(spec, EXACT)) {
            plan.forward(x, y, Statistics.NONE);
            instance.forward(x, null, null, expected);
            assertArrayEquals(values(expected), values(y));
        }
        try (MeanVarianceNorm.Plan plan = MeanVarianceNorm.perChannel().plan(spec, EXACT);
                BatchNorm.Plan batch =
                        BatchNorm.create().withoutScale().withoutShift().epsilon(1e-9).plan(spec, EXACT)) {
            plan.forward(x, y, Statistics.NONE);
            batch.train(x, null, null, expected, Statistics.NONE, null);
            assertArrayEquals(values(expected), values(y));
            assertEquals(2, plan.decisions().size());
            assertTrue(plan.explain().contains("batch_norm"));
        }
    }

    @Test
    void emptyTensorsAreNothingToDo() {
        for (long[] shape : new long[][] {{0, 3, 4}, {2, 0, 4}, {2, 3, 0}}) {
            TensorSpec spec = TensorSpec.of(DataType.F32, Layout.CHANNELS_FIRST, shape);
            for (int[] axes : new int[][] {{0}, {1}, {2}, {0, 2}, {0, 1, 2}}) {
                try (MeanVarianceNorm.Plan plan = MeanVarianceNorm.over(axes).plan(spec)) {
                    Tensor mean = Tensor.allocate(plan.statisticsSpec());
                    plan.forward(Tensor.allocate(spec), Tensor.allocate(spec), new Statistics(mean, null, null));
                }
            }
        }
    }

    @Test
    void badAxesAreRefused() {
        TensorSpec spec = TensorSpec.rows(2, 3);
        assertThrows(IllegalArgumentException.class, () -> MeanVarianceNorm.over());
        assertThrows(IllegalArgumentException.class, () -> MeanVarianceNorm.over(2).plan(spec));
        assertThrows(IllegalArgumentException.class, () -> MeanVarianceNorm.over(1, -1).plan(spec));
        assertThrows(IllegalArgumentException.class, () -> MeanVarianceNorm.over(1).epsilon(-1));
    }
}
