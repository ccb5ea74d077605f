package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Pools of sets against exact sums. */
class PooledMomentsTest {

    private static final MathContext MANY = MathContext.DECIMAL128;
    private static final int SAMPLES = 7;
    private static final int CHANNELS = 301;

    private final double[] means = new double[SAMPLES * CHANNELS];
    private final double[] variances = new double[SAMPLES * CHANNELS];

    private void fill(double offset) {
        SplittableRandom random = new SplittableRandom(3);
        for (int set = 0; set < means.length; set++) {
            means[set] = offset + random.nextGaussian();
            variances[set] = random.nextDouble();
        }
    }

    private static BigDecimal average(List<BigDecimal> values) {
        return values.stream().reduce(BigDecimal.ZERO, BigDecimal::add).divide(BigDecimal.valueOf(values.size()), MANY);
    }

    private void check(PooledMoments pool, int p, int first, int step, int count) {
        List<BigDecimal> ofMeans = new ArrayList<>();
        List<BigDecimal> ofVariances = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ofMeans.add(new BigDecimal(means[first + i * step]));
            ofVariances.add(new BigDecimal(variances[first + i * step]));
        }
        BigDecimal mean = average(ofMeans);
        BigDecimal spread = average(ofMeans.stream().map(m -> m.subtract(mean).pow(2)).toList());
        double variance = average(ofVariances).add(spread).doubleValue();
        assertEquals(mean.doubleValue(), pool.mean[p], Math.ulp(mean.doubleValue()) + 1e-15);
        assertEquals(variance, pool.variance[p], 1e-14 * variance);
    }

    @Test
    void poolsAreExactWhateverTheOffset() {
        for (double offset : new double[] {0, 1e3, -1e8}) {
            fill(offset);
            PooledMoments batch = PooledMoments.batch(SAMPLES, CHANNELS, 0);
            batch.pool(means, variances);
            for (int c = 0; c < CHANNELS; c++) {
                check(batch, c, c, CHANNELS, SAMPLES);
            }
            PooledMoments layer = PooledMoments.layer(SAMPLES, CHANNELS, 0);
            layer.pool(means, variances);
            for (int n = 0; n < SAMPLES; n++) {
                check(layer, n, n * CHANNELS, 1, CHANNELS);
            }
        }
    }

    @Test
    void aSetByItselfStaysAsItIs() {
        fill(1e8);
        PooledMoments instance = PooledMoments.instance(SAMPLES, CHANNELS, 0);
        instance.pool(means, variances);
        for (int set = 0; set < means.length; set++) {
            assertEquals(means[set], instance.mean[set]);
            assertEquals(variances[set], instance.variance[set]);
        }
    }

    @Test
    void whatIsNoNumberSpoilsItsPoolsAlone() {
        fill(0);
        means[CHANNELS + 5] = Double.POSITIVE_INFINITY;
        variances[CHANNELS + 5] = Double.NaN;
        PooledMoments batch = PooledMoments.batch(SAMPLES, CHANNELS, 0);
        batch.pool(means, variances);
        for (int c = 0; c < CHANNELS; c++) {
            assertEquals(c == 5, Double.isNaN(batch.variance[c]));
            assertTrue(Double.isFinite(batch.mean[c]) != (c == 5));
        }
    }
}
