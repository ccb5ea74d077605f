package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums in arrays against the same sums one by one: the same verdicts and the same bits. */
class SetSumsTest {

    private static final int RANDOM = 20_000;

    private static final double[] AWKWARD_S1 = {0, -0.0, Double.MIN_VALUE, -0x1p-1022, 1e-30, 1, -3, 1 / 3.0,
        0x1p53 + 2, -0x1p500, 1e300, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN};
    private static final double[] AWKWARD_S2 = {0, Double.MIN_VALUE, 0x1p-900, 0x1p-90, Math.nextDown(0x1p-90), 1e-20,
        1, 4 / 3.0, 12, Math.nextDown(12.0), 0x1p107, 1e300, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NaN};
    private static final double[] AWKWARD_PIVOTS = {0, -0.0, Double.MIN_VALUE, -1, 3, 1e6, 0x1p53, -1e30, 1e300};

    private record Sums(double s1, double s2, double pivot) {}

    private static List<Sums> all(double count) {
        List<Sums> all = new ArrayList<>();
        for (double s1 : AWKWARD_S1) {
            for (double s2 : AWKWARD_S2) {
                for (double pivot : AWKWARD_PIVOTS) {
                    all.add(new Sums(s1, s2, pivot));
                }
                // The mean is 0, or all that rounding leaves of it.
                all.add(new Sums(s1, s2, -s1 / count));
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < RANDOM; i++) {
            double variance = Math.scalb(random.nextDouble(), random.nextInt(-40, 40));
            double distance = random.nextDouble(-2, 2) * Math.sqrt(variance);
            double pivot = random.nextDouble(-1, 1) * Math.scalb(1.0, random.nextInt(-60, 60));
            all.add(new Sums(distance * count, (variance + distance * distance) * count, pivot));
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"LAYER_NORM,F32,1", "LAYER_NORM,F32,3", "LAYER_NORM,F64,768", "RMS_NORM,F32,7", "RMS_NORM,F64,1024"})
    void areSettledAsOneByOne(Operation operation, DataType type, int count) {
        TensorSpec rows = TensorSpec.rows(1, count).as(type);
        Problem problem = new Problem(operation, Pass.FORWARD, rows, 1, 0, true, operation.centred(), 1e-5);
        List<Sums> ordinary = new ArrayList<>();
        for (Sums sums : all(count)) {
            boolean expected = ordinary(problem, count, sums);
            SetSums one = fill(problem, count, List.of(sums), new SetValues(problem, 1, new Doubles()));
            assertEquals(expected, one.ordinary(1), () -> sums + " of " + count);
            if (expected) {
                ordinary.add(sums);
            }
        }
        assertTrue(ordinary.size() > RANDOM / 2);
        settle(problem, count, ordinary);
    }

    private static SetSums fill(Problem problem, int count, List<Sums> from, SetValues values) {
        SetSums sums = new SetSums(problem, count, from.size(), values);
        for (int i = 0; i < from.size(); i++) {
            sums.s1[i] = from.get(i).s1;
            sums.s2[i] = from.get(i).s2;
        }
        return sums;
    }

    private static ShiftedSums shifted(Sums from) {
        ShiftedSums sums = new ShiftedSums();
        sums.add(from.s1, from.s2);
        return sums;
    }

    private static boolean ordinary(Problem problem, int count, Sums sums) {
        boolean trusted = shifted(sums).trusted(count, Trust.of(problem.type()).leastMeanSquare());
        return trusted && !(problem.operation().centred() && shifted(sums).poor(count));
    }

    private static void settle(Problem problem, int count, List<Sums> ordinary) {
        boolean centred = problem.operation().centred();
        SetValues actual = new SetValues(problem, ordinary.size(), new Doubles());
        SetSums sums = fill(problem, count, ordinary, actual);
        double[] pivots = ordinary.stream().mapToDouble(s -> centred ? s.pivot : 0).toArray();
        assertTrue(sums.ordinary(ordinary.size()));
        sums.settle(ordinary.size(), pivots);
        SetValues expected = new SetValues(problem, 1, new Doubles());
        Moments moments = new Moments();
        for (int i = 0; i < ordinary.size(); i++) {
            Sums of = ordinary.get(i);
            ShiftedSums shifted = shifted(of);
            if (centred) {
                shifted.toMoments(count, of.pivot, moments);
            } else {
                moments.set(count, 0, 0, shifted.s2());
            }
            expected.take(0, moments, 0);
            assertBits(expected.mean[0], actual.mean[i], of);
            assertBits(expected.meanLow[0], actual.meanLow[i], of);
            assertBits(expected.variance[0], actual.variance[i], of);
            assertBits(expected.rstd[0], actual.rstd[i], of);
        }
    }

    private static void assertBits(double expected, double actual, Sums of) {
        assertEquals(Double.doubleToRawLongBits(expected), Double.doubleToRawLongBits(actual),
                () -> expected + " and " + actual + " of " + of);
    }
}
