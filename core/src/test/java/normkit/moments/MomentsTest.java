package normkit.moments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MomentsTest {

    private static Moments of(double count, double mean, double m2) {
        Moments moments = new Moments();
        moments.set(count, mean, 0, m2);
        return moments;
    }

    @Test
    void mergesExactlyWhereTheNumbersAreExact() {
        // {1, 3} and {5, 7}: mean 4, M2 = 9 + 1 + 1 + 9
        Moments moments = of(2, 2, 2);
        moments.merge(of(2, 6, 2));
        assertEquals(4, moments.count());
        assertEquals(4, moments.mean());
        assertEquals(5, moments.variance());
    }

    @Test
    void emptySetIsNeutral() {
        Moments moments = new Moments();
        moments.merge(of(3, 1e6, 2));
        moments.merge(new Moments());
        assertEquals(1e6, moments.mean());
        assertEquals(2.0 / 3, moments.variance());
        assertEquals(0, new Moments().variance());
    }

    @Test
    void keepsWhatTheMeanCannotHold() {
        double big = 0x1p60;
        Moments moments = of(1, big, 0);
        moments.merge(of(1, big + 256, 0));
        moments.merge(of(2, big + 512, 0));
        // the mean is 2^60 + 320, between two doubles that are 256 apart
        assertEquals(320, (moments.mean() - big) + moments.meanLow());
    }

    @Test
    void sumsGiveMomentsRelativeToThePivot() {
        ShiftedSums sums = new ShiftedSums();
        double pivot = 1e6;
        for (double d : new double[] {-1, 0.5, 1, 3.5}) {
            sums.add(d, d * d);
        }
        Moments moments = new Moments();
        sums.toMoments(4, pivot, moments);
        assertEquals(pivot + 1, moments.mean());
        assertEquals(10.5 / 4, moments.variance());
        assertTrue(!sums.poor(4) && sums.trusted(4, 1e-20));
    }

    @Test
    void theMeanHasTwiceTheDigitsOfADouble() {
        SplittableRandom random = new SplittableRandom(1);
        ShiftedSums sums = new ShiftedSums();
        Moments moments = new Moments();
        for (int i = 0; i < 1000; i++) {
            double count = random.nextInt(1, 100_000);
            double pivot = random.nextDouble(-1, 1) * Math.scalb(1.0, random.nextInt(-30, 30));
            BigDecimal s1 = BigDecimal.ZERO;
            sums.clear();
            for (int chunk = 0; chunk <= i % 3; chunk++) {
                double part = random.nextDouble(-1, 1) * count;
                sums.add(part, part * part);
                s1 = s1.add(new BigDecimal(part));
            }
            sums.toMoments(count, pivot, moments);
            BigDecimal q = s1.divide(new BigDecimal(count), new MathContext(60));
            double error = q.add(new BigDecimal(pivot)).subtract(new BigDecimal(moments.mean()))
                    .subtract(new BigDecimal(moments.meanLow())).doubleValue();
            assertTrue(Math.abs(error) <= 0x1p-104 * (Math.abs(pivot) + Math.abs(q.doubleValue())));
        }
    }

    @Test
    void rstdIsRoundedToNearest() {
        for (double v : new double[] {2, 3, 0.1, 1e-5, 7e20}) {
            var exact = BigDecimal.ONE.divide(new BigDecimal(v).sqrt(new MathContext(60)), new MathContext(50));
            assertEquals(exact.doubleValue(), Normalization.rstd(v, 0));
        }
        assertEquals(0, Normalization.rstd(0, 0));
    }

    @Test
    void severalRstdAreThoseOfEach() {
        double[] variances = {0, Double.MIN_VALUE, Double.MIN_NORMAL, 0x1p-1000, 0x1p-900, Math.nextUp(0x1p-900), 1e-5,
            2, 3, 0.1, 7e20, 0x1p899, 0x1p1000, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NaN};
        double[] rstd = new double[variances.length];
        for (double epsilon : new double[] {0, 1e-5}) {
            Normalization.rstd(variances, epsilon, variances.length, rstd);
            for (int i = 0; i < variances.length; i++) {
                assertEquals(Normalization.rstd(variances[i], epsilon), rstd[i], "of " + variances[i]);
            }
        }
    }
}
