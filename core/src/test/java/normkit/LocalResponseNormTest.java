package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import normkit.techniques.LocalResponseNorm;
import normkit.techniques.LocalResponseNorm.Alpha;
import normkit.techniques.LocalResponseNorm.Even;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Local response norm against its formula. */
class LocalResponseNormTest {

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (boolean within : new boolean[] {false, true}) {
                for (Even even : Even.values()) {
                    for (int size : new int[] {1, 2, 3, 4, 5, 30}) {
                        for (Alpha alpha : Alpha.values()) {
                            cases.add(Arguments.of(type, within, even, size, alpha));
                        }
                    }
                }
            }
        }
        return cases;
    }

    /** The window around a place of an axis, as the frameworks' documentation has it. */
    private static boolean inWindow(int centre, int other, int size, Even even) {
        int distance = other - centre;
        if (size % 2 == 1) {
            return Math.abs(distance) <= size / 2;
        }
        return switch (even) {
            case ABOVE -> distance >= -(size / 2 - 1) && distance <= size / 2;
            case BELOW -> distance >= -size / 2 && distance <= size / 2 - 1;
            case NARROW -> Math.abs(distance) <= size / 2 - 1;
        };
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheFormula(DataType type, boolean within, Even even, int size, Alpha alpha) {
        for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
            TensorSpec spec = TensorSpec.of(type, layout, 2, 6, 5, 7);
            int channel = layout == Layout.CHANNELS_FIRST ? 1 : 3;
            LocalResponseNorm norm =
                    (within ? LocalResponseNorm.withinChannel(size) : LocalResponseNorm.acrossChannels(size))
                            .alpha(0.7, alpha).k(1.5).even(even);
            Tensor x = Digits.random(spec, 0.2, 2, 1);
            Tensor y = Tensor.allocate(spec);
            try (LocalResponseNorm.Plan plan = norm.plan(spec)) {
                plan.forward(x, y);
            }
            BigDecimal factor =
                    Digits.of(0.7).divide(Digits.of(alpha == Alpha.SUM ? 1 : within ? size * size : size), Digits.MANY);
            for (long i = 0; i < spec.elements(); i++) {
                BigDecimal sum = BigDecimal.ZERO;
                int[] centre = Coordinates.of(spec, i);
                for (long j = 0; j < spec.elements(); j++) {
                    int[] other = Coordinates.of(spec, j);
                    boolean in = true;
                    for (int axis = 0; axis < 4; axis++) {
                        boolean windowed = axis != 0 && (axis == channel) != within;
                        in &= windowed ? inWindow(centre[axis], other[axis], size, even) : centre[axis] == other[axis];
                    }
                    sum = in ? sum.add(Digits.value(x, j).pow(2)) : sum;
                }
                BigDecimal base = sum.multiply(factor).add(Digits.of(1.5));
                // base^0.75 = √base·√√base
                BigDecimal root = base.sqrt(Digits.MANY);
                BigDecimal exact = Digits.value(x, i).divide(root.multiply(root.sqrt(Digits.MANY)), Digits.MANY);
                double error = Digits.error(type, y.get(i), exact, Math.abs(exact.doubleValue()));
                assertTrue(error < (type == DataType.F32 ? 0.5001 : 6), () -> "off by " + error + " ulp");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.75", "0.5", "1", "0.25", "2", "0"})
    void everyPowerIsTheRightOne(double beta) {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 3, 1);
        Tensor x = Tensor.of(spec, new double[] {1, 4, 9});
        Tensor y = Tensor.allocate(spec);
        try (LocalResponseNorm.Plan plan =
                LocalResponseNorm.acrossChannels(1).alpha(3, Alpha.SUM).k(2).beta(beta).plan(spec)) {
            plan.forward(x, y);
        }
        for (int i = 0; i < 3; i++) {
            double base = 2 + 3 * x.get(i) * x.get(i);
            assertEquals(x.get(i) * Math.pow(base, -beta), y.get(i), 1e-14 * x.get(i));
        }
    }

    /** Size 4 around channel 3 of 8. */
    @ParameterizedTest
    @CsvSource({"ABOVE,2,5", "BELOW,1,4", "NARROW,2,4"})
    void evenWindowsLieWhereTheConventionSays(Even even, int first, int last) {
        TensorSpec spec = TensorSpec.channelsFirst(1, 8, 1);
        for (int other = 0; other < 8; other++) {
            Tensor x = Tensor.allocate(spec);
            x.set(3, 1);
            x.set(other, 1);
            Tensor y = Tensor.allocate(spec);
            try (LocalResponseNorm.Plan plan =
                    LocalResponseNorm.acrossChannels(4).alpha(4, Alpha.MEAN).beta(1).even(even).plan(spec)) {
                plan.forward(x, y);
            }
            boolean in = other >= first && other <= last;
            assertEquals(in && other != 3 ? 1 / 3f : 0.5f, y.get(3), "channel " + other);
        }
    }

    /** Tiles end in the middle of a row, and a channel may be longer than a block. */
    @ParameterizedTest
    @CsvSource({"CHANNELS_FIRST,false", "CHANNELS_LAST,false", "CHANNELS_FIRST,true", "CHANNELS_LAST,true"})
    void largeTensorsAreTheSameAsTheirParts(Layout layout, boolean within) {
        boolean first = layout == Layout.CHANNELS_FIRST;
        TensorSpec spec = first ? TensorSpec.channelsFirst(1, 300, 2500) : TensorSpec.channelsLast(1, 2500, 300);
        LocalResponseNorm norm = within ? LocalResponseNorm.withinChannel(5) : LocalResponseNorm.acrossChannels(5);
        Tensor x = Digits.random(spec, 0, 9, 1);
        Tensor y = Tensor.allocate(spec);
        try (LocalResponseNorm.Plan plan = norm.plan(spec)) {
            plan.forward(x, y);
        }
        for (int channel = 0; channel < 300; channel += 23) {
            for (int place = 0; place < 2500; place += 37) {
                double sum = 0;
                for (int d = -2; d <= 2; d++) {
                    int c = within ? channel : channel + d;
                    int p = within ? place + d : place;
                    boolean inside = c >= 0 && c < 300 && p >= 0 && p < 2500;
                    sum += inside ? Math.pow(x.get(first ? c * 2500L + p : p * 300L + c), 2) : 0;
                }
                long at = first ? channel * 2500L + place : place * 300L + channel;
                assertEquals(x.get(at) * Math.pow(1 + 1e-4 / 5 * sum, -0.75), y.get(at), 1e-6 * Math.abs(x.get(at)));
            }
        }
    }

    @Test
    void emptyTensorsAreNothingToDo() {
        for (long[] shape : new long[][] {{0, 3, 4}, {2, 0, 4}, {2, 3, 0}}) {
            for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
                TensorSpec spec = TensorSpec.of(DataType.F32, layout, shape);
                Tensor x = Tensor.allocate(spec);
                try (LocalResponseNorm.Plan across = LocalResponseNorm.acrossChannels(5).plan(spec);
                        LocalResponseNorm.Plan within = LocalResponseNorm.withinChannel(5).plan(spec)) {
                    across.forward(x, Tensor.allocate(spec));
                    within.backward(x, x, Tensor.allocate(spec));
                }
            }
        }
    }

    @Test
    void badNumbersAndShapesAreRefused() {
        LocalResponseNorm norm = LocalResponseNorm.acrossChannels(5);
        assertThrows(IllegalArgumentException.class, () -> LocalResponseNorm.acrossChannels(0));
        assertThrows(IllegalArgumentException.class, () -> LocalResponseNorm.withinChannel(-1));
        assertThrows(IllegalArgumentException.class, () -> norm.alpha(-1, Alpha.SUM));
        assertThrows(IllegalArgumentException.class, () -> norm.beta(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> norm.k(0));
        assertThrows(IllegalArgumentException.class, () -> norm.plan(TensorSpec.rows(2, 3)));
        assertThrows(IllegalArgumentException.class,
                () -> LocalResponseNorm.withinChannel(3).plan(TensorSpec.channelsFirst(2, 3)));
    }
}
