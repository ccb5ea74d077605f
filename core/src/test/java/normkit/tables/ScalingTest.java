package normkit.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import normkit.Coordinates;
import normkit.Digits;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Standardization and min-max scaling against their formulas. */
class ScalingTest {

    private static Tensor table(double... values) {
        return Tensor.of(TensorSpec.of(DataType.F64, Layout.ROWS, values.length / 2, 2), values);
    }

    private static ColumnMoments moments(Tensor table) {
        ColumnMoments moments = ColumnMoments.over((int) table.spec().axis(1));
        moments.add(table);
        return moments;
    }

    private static ColumnRange range(Tensor table) {
        ColumnRange range = ColumnRange.over((int) table.spec().axis(1));
        range.add(table);
        return range;
    }

    private static void assertValues(Tensor tensor, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], tensor.get(i), "at " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void standardizationMatchesTheFormula(DataType type) {
        Tensor x = Digits.random(TensorSpec.of(type, Layout.ROWS, 900, 7), 1e4, 2, 1);
        Tensor y = Tensor.allocate(x.spec());
        Tensor back = Tensor.allocate(x.spec());
        Standardization.Fitted fitted =
                Standardization.create().variance(Standardization.Variance.UNBIASED).fit(moments(x));
        fitted.transform(x, y);
        fitted.inverse(y, back);
        List<long[]> sets = Coordinates.sets(x.spec(), axis -> axis == 1);
        for (long[] set : sets) {
            BigDecimal mean = Digits.mean(x, set);
            BigDecimal deviation = Digits.squares(x, set, mean).divide(Digits.of(899), Digits.MANY).sqrt(Digits.MANY);
            for (long i : set) {
                BigDecimal exact = Digits.value(x, i).subtract(mean).divide(deviation, Digits.MANY);
                double error = Digits.error(type, y.get(i), exact, Math.max(1, Math.abs(exact.doubleValue())));
                assertTrue(error < (type == DataType.F32 ? 0.5001 : 8), () -> "off by " + error + " ulp");
                assertEquals(0, Digits.error(type, back.get(i), Digits.value(x, i), x.get(i)), 1);
            }
        }
    }

    /** The example of scikit-learn's documentation, and a constant column. */
    @Test
    void standardizationIsExactWhereItCanBe() {
        Tensor x = table(0, 7, 0, 7, 1, 7, 1, 7);
        Tensor y = Tensor.allocate(x.spec());
        Standardization.Fitted fitted = Standardization.create().fit(moments(x));
        fitted.transform(x, y);
        assertValues(y, -1, 0, -1, 0, 1, 0, 1, 0);
        assertEquals(List.of(0.5, 7.0, 0.5, 1.0),
                List.of(fitted.mean(0), fitted.mean(1), fitted.deviation(0), fitted.deviation(1)));
        fitted.inverse(y, y);
        assertValues(y, 0, 7, 0, 7, 1, 7, 1, 7);
        fitted.backward(x, y);
        assertValues(y, 0, 7, 0, 7, 2, 7, 2, 7);
        fitted.transform(table(2, 9), y = table(0, 0));
        assertValues(y, 3, 2);
        Standardization.create().withoutMean().fit(moments(x)).transform(x, x);
        assertValues(x, 0, 7, 0, 7, 2, 7, 2, 7);
        Standardization.create().withoutDeviation().fit(moments(x)).transform(x, x);
        assertValues(x, -1, 0, -1, 0, 1, 0, 1, 0);
    }

    @Test
    void nanStaysNanAndChangesNothingElse() {
        Tensor x = table(0, Double.NaN, Double.NaN, Double.NaN, 2, Double.NaN);
        Tensor y = Tensor.allocate(x.spec());
        Standardization.create().fit(moments(x)).transform(x, y);
        assertValues(y, -1, Double.NaN, Double.NaN, Double.NaN, 1, Double.NaN);
        MinMaxScaling.create().fit(range(x)).transform(x, y);
        assertValues(y, 0, Double.NaN, Double.NaN, Double.NaN, 1, Double.NaN);
        ColumnRange propagate = ColumnRange.over(2, NanPolicy.PROPAGATE);
        propagate.add(x);
        assertTrue(Double.isNaN(propagate.least(0)) && Double.isNaN(propagate.largest(0)));
        assertThrows(IllegalArgumentException.class, () -> ColumnRange.over(2, NanPolicy.REJECT).add(x));
    }

    /** The example of scikit-learn's documentation. */
    @Test
    void minMaxScalingIsExactAtBothEnds() {
        Tensor x = table(-1, 2, -0.5, 6, 0, 10, 1, 18);
        Tensor y = Tensor.allocate(x.spec());
        MinMaxScaling.create().fit(range(x)).transform(x, y);
        assertValues(y, 0, 0, 0.25, 0.25, 0.5, 0.5, 1, 1);
        MinMaxScaling.Fitted fitted = MinMaxScaling.create().range(0.1, 0.7).fit(range(x));
        fitted.transform(x, y);
        assertValues(y, 0.1, 0.1);
        assertEquals(0.7, y.get(6));
        assertEquals(0.25, y.get(2), 1e-16);
        fitted.inverse(y, y);
        assertEquals(-1, y.get(0));
        assertEquals(18, y.get(7));
        assertEquals(6, y.get(3), 1e-14);
        fitted.backward(x, y);
        assertEquals(-0.3, y.get(0), 1e-16);
    }

    @Test
    void whatIsOutsideTheRangeSeenIsClippedIfWanted() {
        MinMaxScaling scaling = MinMaxScaling.create().range(-1, 1);
        ColumnRange range = range(table(0, 0, 4, 8));
        Tensor y = table(-2, 16, 6, 4);
        scaling.fit(range).transform(y, y);
        assertValues(y, -2, 3, 2, 0);
        y = table(-2, 16, 6, 4);
        scaling.clipped().fit(range).transform(y, y);
        assertValues(y, -1, 1, 1, 0);
    }

    @Test
    void constantAndEmptyColumnsAreShifted() {
        ColumnRange range = range(table(5, Double.NaN, 5, Double.NaN));
        assertEquals(Double.POSITIVE_INFINITY, range.least(1));
        assertEquals(Double.NEGATIVE_INFINITY, range.largest(1));
        MinMaxScaling.Fitted fitted = MinMaxScaling.create().range(2, 5).fit(range);
        Tensor y = table(5, 0, 6, 1);
        fitted.transform(y, y);
        assertValues(y, 2, 2, 3, 3);
        fitted.inverse(y, y);
        assertValues(y, 5, 0, 6, 1);
    }

    @Test
    void rangesMergeInAnyOrder() {
        ColumnRange first = range(table(1, -3, 2, 5));
        first.merge(range(table(0, 0, 7, 1)));
        first.merge(ColumnRange.over(2));
        assertEquals(List.of(0.0, 7.0, -3.0, 5.0),
                List.of(first.least(0), first.largest(0), first.least(1), first.largest(1)));
        assertEquals(4, first.rows());
    }

    @Test
    void badNumbersAreRefused() {
        MinMaxScaling scaling = MinMaxScaling.create();
        assertThrows(IllegalArgumentException.class, () -> scaling.range(1, 1));
        assertThrows(IllegalArgumentException.class, () -> scaling.range(Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> scaling.range(0, Double.POSITIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> ColumnRange.over(-1));
        assertThrows(IllegalArgumentException.class, () -> scaling.fit(range(table(1, 2)))
                .transform(Tensor.allocate(TensorSpec.rows(2, 3)), Tensor.allocate(TensorSpec.rows(2, 3))));
    }
}
