package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import normkit.bulk.Doubles;
import normkit.moments.Moments;
import normkit.moments.ShiftedSums;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums of columns in arrays against the same sums one by one: the same verdicts and the same bits. */
class ColumnSumsTest {

    private static final int RANDOM = 20_000;
    private static final int CHUNKS = 3;
    /** Wide columns per column. */
    private static final int REPEAT = 2;

    private static final double[] AWKWARD_S1 = {0, -0.0, Double.MIN_VALUE, 1e-30, -3, 1 / 3.0, -0x1p500,
        Double.MAX_VALUE, Double.NEGATIVE_INFINITY, Double.NaN};
    private static final double[] AWKWARD_S2 = {0, Double.MIN_VALUE, 0x1p-900, Math.nextDown(0x1p-90), 1e-20, 4 / 3.0,
        12, 1e300, Double.POSITIVE_INFINITY, Double.NaN};
    private static final double[] AWKWARD_PIVOTS = {0, -0.0, Double.MIN_VALUE, 3, 0x1p53, -1e30};

    /** One column: the sums of its wide columns by chunk, and its pivot. */
    private record Column(double[] s1, double[] s2, double pivot) {

        static Column of(double s1, double s2, double pivot, SplittableRandom random) {
            return new Column(split(s1, random), split(s2, random), pivot);
        }

        /** Parts that add up to about a sum; of one that is not finite, the last is that. */
        private static double[] split(double sum, SplittableRandom random) {
            double[] parts = new double[CHUNKS * REPEAT];
            double rest = sum;
            for (int i = 0; i < parts.length - 1 && Double.isFinite(sum); i++) {
                parts[i] = sum * random.nextDouble() / parts.length;
                rest -= parts[i];
            }
            parts[parts.length - 1] = rest;
            return parts;
        }

        ShiftedSums shifted() {
            ShiftedSums sums = new ShiftedSums();
            for (int i = 0; i < s1.length; i++) {
                sums.add(s1[i], s2[i]);
            }
            return sums;
        }
    }

    private static List<Column> all(int count) {
        SplittableRandom random = new SplittableRandom(1);
        List<Column> all = new ArrayList<>();
        for (double s1 : AWKWARD_S1) {
            for (double s2 : AWKWARD_S2) {
                for (double pivot : AWKWARD_PIVOTS) {
                    all.add(Column.of(s1, s2, pivot, random));
                }
                all.add(Column.of(s1, s2, -s1 / count, random));
            }
        }
        for (int i = 0; i < RANDOM; i++) {
            double variance = Math.scalb(random.nextDouble(), random.nextInt(-40, 40));
            double distance = random.nextDouble(-2, 2) * Math.sqrt(variance);
            double pivot = random.nextDouble(-1, 1) * Math.scalb(1.0, random.nextInt(-60, 60));
            all.add(Column.of(distance * count, (variance + distance * distance) * count, pivot, random));
        }
        return all;
    }

    private static Problem problem(DataType type, int count, int cols) {
        TensorSpec x = TensorSpec.of(type, Layout.CHANNELS_LAST, count, cols);
        return new Problem(Operation.BATCH_NORM, Pass.FORWARD, x, 1, 0, true, true, 1e-5);
    }

    private static ColumnSums fill(Problem problem, List<Column> from, int count) {
        int cols = from.size();
        ColumnSums sums = new ColumnSums(problem, cols, count);
        sums.add(new double[cols], new double[cols]);
        sums.clear();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            double[] first = new double[REPEAT * cols];
            double[] second = new double[REPEAT * cols];
            for (int j = 0; j < first.length; j++) {
                first[j] = from.get(j % cols).s1[chunk * REPEAT + j / cols];
                second[j] = from.get(j % cols).s2[chunk * REPEAT + j / cols];
            }
            sums.add(first, second);
        }
        return sums;
    }

    private static boolean ordinary(DataType type, int count, ShiftedSums sums) {
        return sums.trusted(count, Trust.of(type).leastMeanSquare()) && !sums.poor(count);
    }

    @ParameterizedTest
    @CsvSource({"F32,1", "F32,3", "F32,3249", "F64,50", "F64,1024"})
    void areSettledAsOneByOne(DataType type, int count) {
        List<Column> columns = all(count);
        Problem problem = problem(type, count, columns.size());
        ColumnSums sums = fill(problem, columns, count);
        assertFalse(sums.allOrdinary());
        SetValues actual = new SetValues(problem, columns.size(), new Doubles());
        sums.settle(columns.stream().mapToDouble(Column::pivot).toArray(), actual);
        SetValues expected = new SetValues(problem, 1, new Doubles());
        Moments moments = new Moments();
        int settled = 0;
        for (int j = 0; j < columns.size(); j++) {
            ShiftedSums shifted = columns.get(j).shifted();
            assertEquals(ordinary(type, count, shifted), sums.ordinary(j), "column " + j);
            if (sums.ordinary(j)) {
                shifted.toMoments(count, columns.get(j).pivot, moments);
                expected.take(0, moments, 0);
                assertBits(expected.mean[0], actual.mean[j], j);
                assertBits(expected.meanLow[0], actual.meanLow[j], j);
                assertBits(expected.variance[0], actual.variance[j], j);
                assertBits(expected.rstd[0], actual.rstd[j], j);
                settled++;
            }
            ShiftedSums copied = new ShiftedSums();
            sums.get(j, copied);
            assertBits(shifted.s1(), copied.s1(), j);
            assertBits(shifted.s2(), copied.s2(), j);
        }
        assertTrue(settled > RANDOM / 2, settled + " of " + columns.size());
    }

    @Test
    void areAllOrdinaryIfEachIs() {
        SplittableRandom random = new SplittableRandom(2);
        List<Column> columns = List.of(Column.of(3, 8, 1, random), Column.of(-2, 5, 0, random));
        assertTrue(fill(problem(DataType.F32, 10, 2), columns, 10).allOrdinary());
    }

    private static void assertBits(double expected, double actual, int column) {
        assertEquals(Double.doubleToRawLongBits(expected), Double.doubleToRawLongBits(actual),
                () -> expected + " and " + actual + " of column " + column);
    }
}
