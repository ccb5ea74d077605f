package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import normkit.spi.Cost;
import org.junit.jupiter.api.Test;

class CostFitTest {

    private static final int TERMS = 7;

    @Test
    void findsTheCostThatExplainsTheTimes() {
        double[] factors = {500, 70, 0, 12, 25, 60, 0};
        CostFit fit = new CostFit();
        Random random = new Random(1);
        for (int i = 0; i < 40; i++) {
            double[] amounts = new double[TERMS];
            amounts[0] = 1;
            double time = factors[0];
            for (int t = 1; t < TERMS; t++) {
                amounts[t] = random.nextInt(3) == 0 ? 0 : Math.exp(random.nextDouble() * 10);
                time += factors[t] * amounts[t];
            }
            fit.add(amounts, time);
        }
        Cost found = fit.fit();
        assertEquals(500, found.call(), 25);
        assertEquals(70, found.run(), 0.7);
        assertEquals(12, found.cached(), 0.5);
        assertEquals(25, found.shared(), 0.5);
        assertEquals(60, found.memory(), 0.5);
        assertEquals(0, found.parameter(), 0.5);
        assertEquals(0, found.spill(), 0.5);
    }

    @Test
    void nothingIsNegativeAndNoLevelCheaperThanTheOneBefore() {
        CostFit fit = new CostFit();
        fit.add(new double[] {1, 10, 0, 0, 0, 0, 0}, 100);
        fit.add(new double[] {1, 1000, 0, 0, 0, 0, 0}, 50);
        fit.add(new double[] {1, 0, 0, 100, 0, 0, 0}, 1000);
        fit.add(new double[] {1, 0, 0, 0, 100, 0, 0}, 500);
        Cost found = fit.fit();
        assertTrue(found.call() > 0);
        assertEquals(0, found.run());
        assertTrue(found.cached() > 0 && found.shared() >= found.cached() && found.memory() >= found.shared(),
                found.toString());
    }

    @Test
    void sourceIsJava() {
        assertEquals("Cost.perKiB(13.1, 20, 412).perCall(569).perRun(7.07).perParameter(0.842)",
                CostFit.source(new Cost(569, 7.07, 0.842, 13.1, 20, 412, 0, 0, 0, 0, 0)));
    }
}
