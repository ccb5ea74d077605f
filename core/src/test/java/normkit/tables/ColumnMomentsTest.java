package normkit.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Moments of columns against exact ones, however the table is cut. */
class ColumnMomentsTest {

    /** Rows {@code from} … {@code to} of a table on the heap. */
    private static Tensor part(Tensor table, long from, long to) {
        int columns = (int) table.spec().axis(1);
        TensorSpec spec = TensorSpec.of(table.spec().type(), Layout.ROWS, to - from, columns);
        int offset = (int) from * columns;
        return table.floats() != null
                ? Tensor.of(spec, table.floats(), offset)
                : Tensor.of(spec, table.doubles(), offset);
    }

    private static void assertExact(Tensor table, ColumnMoments moments) {
        List<long[]> sets = Coordinates.sets(table.spec(), axis -> axis == 1);
        for (int c = 0; c < sets.size(); c++) {
            BigDecimal mean = Digits.mean(table, sets.get(c));
            BigDecimal variance =
                    Digits.squares(table, sets.get(c), mean).divide(Digits.of(sets.get(c).length), Digits.MANY);
            assertEquals(sets.get(c).length, moments.count(c));
            BigDecimal both = Digits.of(moments.mean(c)).add(Digits.of(moments.meanLow(c)));
            // To a few roundings of what is spread, not of the mean.
            assertEquals(0, both.subtract(mean).doubleValue(), 1e-15 * Math.sqrt(variance.doubleValue()));
            assertEquals(variance.doubleValue(), moments.variance(c), 1e-14 * variance.doubleValue());
        }
    }

    @ParameterizedTest
    @CsvSource({"F32,0", "F32,1e6", "F64,0", "F64,1e9", "F64,-1e12"})
    void areExactWhateverTheOffsetAndTheCuts(DataType type, double offset) {
        Tensor table = Digits.random(TensorSpec.of(type, Layout.ROWS, 4001, 5), offset, 3, 1);
        ColumnMoments whole = ColumnMoments.over(5);
        whole.add(table);
        assertEquals(4001, whole.rows());
        assertEquals(5, whole.columns());
        assertExact(table, whole);
        ColumnMoments first = ColumnMoments.over(5);
        ColumnMoments second = ColumnMoments.over(5);
        first.add(part(table, 0, 1));
        first.add(part(table, 1, 1));
        first.add(part(table, 1, 1700));
        second.add(part(table, 1700, 1703));
        second.add(part(table, 1703, 4001));
        first.merge(second);
        first.merge(ColumnMoments.over(5));
        assertEquals(4001, first.rows());
        assertExact(table, first);
    }

    /** More columns than fit a block. */
    @Test
    void wideTablesAreTakenRowByRow() {
        Tensor table = Digits.random(TensorSpec.of(DataType.F64, Layout.ROWS, 4, 20_000), 100, 1, 1);
        ColumnMoments moments = ColumnMoments.over(20_000);
        moments.add(table);
        for (int c = 0; c < 20_000; c += 997) {
            int column = c;
            double mean = LongStream.range(0, 4).mapToDouble(r -> table.get(r * 20_000 + column)).sum() / 4;
            assertEquals(mean, moments.mean(c), 1e-12);
        }
    }

    /** A mean the type cannot hold exactly must not make a variance out of nothing. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1e-300, -1e300, 0, 123456.789})
    void equalValuesHaveNoVariance(double value) {
        Tensor table = Tensor.allocate(TensorSpec.of(DataType.F64, Layout.ROWS, 30_001, 3));
        for (long i = 0; i < table.spec().elements(); i++) {
            table.set(i, value);
        }
        ColumnMoments moments = ColumnMoments.over(3);
        moments.add(table);
        moments.add(part(table, 0, 7));
        assertEquals(0, moments.variance(1));
        assertEquals(value, moments.mean(1));
    }

    @Test
    void missingValuesAreInNoStatistic() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.ROWS, 4, 3);
        double nan = Double.NaN;
        Tensor table = Tensor.of(spec, new double[] {nan, 1, nan, 2, nan, nan, 4, 3, nan, nan, 8, nan});
        ColumnMoments omit = ColumnMoments.over(3);
        omit.add(table);
        assertEquals(List.of(2L, 3L, 0L), List.of(omit.count(0), omit.count(1), omit.count(2)));
        assertEquals(3, omit.mean(0));
        assertEquals(1, omit.variance(0));
        assertEquals(4, omit.mean(1));
        assertEquals(26 / 3.0, omit.variance(1), 1e-15 * 9);
        assertEquals(0, omit.mean(2));
        assertEquals(4, omit.rows());
        ColumnMoments propagate = ColumnMoments.over(3, NanPolicy.PROPAGATE);
        propagate.add(part(table, 2, 3));
        assertEquals(4, propagate.mean(0));
        propagate.add(table);
        assertTrue(Double.isNaN(propagate.mean(0)) && Double.isNaN(propagate.variance(0)));
        ColumnMoments reject = ColumnMoments.over(3, NanPolicy.REJECT);
        String message = assertThrows(IllegalArgumentException.class, () -> reject.add(part(table, 1, 4))).getMessage();
        assertTrue(message.startsWith("part is NaN at row 0, column 1; it must be a number"), message);
        assertEquals(0, reject.rows());
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void memoryOffTheHeapGivesTheSameBits(DataType type) {
        Tensor table = Digits.random(TensorSpec.of(type, Layout.ROWS, 7000, 3), 5, 2, 1);
        ColumnMoments heap = ColumnMoments.over(3);
        ColumnMoments direct = ColumnMoments.over(3);
        ColumnRange heapRange = ColumnRange.over(3);
        ColumnRange directRange = ColumnRange.over(3);
        try (Arena arena = Arena.ofConfined()) {
            Tensor copy = Tensor.allocate(table.spec(), arena);
            for (long i = 0; i < table.spec().elements(); i++) {
                copy.set(i, table.get(i));
            }
            heap.add(table);
            direct.add(copy);
            heapRange.add(table);
            directRange.add(copy);
        }
        for (int c = 0; c < 3; c++) {
            assertEquals(heap.mean(c), direct.mean(c));
            assertEquals(heap.variance(c), direct.variance(c));
            assertEquals(heapRange.least(c), directRange.least(c));
            assertEquals(heapRange.largest(c), directRange.largest(c));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ColumnMoments moments = ColumnMoments.over(3);
        assertThrows(IllegalArgumentException.class, () -> ColumnMoments.over(0));
        assertThrows(IllegalArgumentException.class, () -> moments.add(Tensor.allocate(TensorSpec.rows(3, 4))));
        assertThrows(IllegalArgumentException.class,
                () -> moments.add(Tensor.allocate(TensorSpec.channelsFirst(4, 3))));
        assertThrows(NullPointerException.class, () -> moments.add(null));
        assertThrows(IllegalArgumentException.class, () -> moments.merge(moments));
        assertThrows(IllegalArgumentException.class, () -> moments.merge(ColumnMoments.over(4)));
        assertThrows(IllegalArgumentException.class, () -> moments.merge(ColumnMoments.over(3, NanPolicy.PROPAGATE)));
        assertThrows(IllegalArgumentException.class,
                () -> ColumnRange.over(3).merge(ColumnRange.over(3, NanPolicy.REJECT)));
    }
}
