package normkit.parts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowersTest {

    private static final int COUNT = 100;

    private static double[] values() {
        return new SplittableRandom(1).doubles(COUNT, 0, 3).toArray();
    }

    private static double[] raised(double[] values, double y) {
        double[] powers = values.clone();
        Powers.raise(powers, new double[powers.length], powers.length, y);
        return powers;
    }

    private static void assertBits(double y, DoubleUnaryOperator definition) {
        assertArrayEquals(Arrays.stream(values()).map(definition).toArray(), raised(values(), y));
    }

    @Test
    void powersAreRootsAndProducts() {
        assertBits(0, x -> 1);
        assertBits(0.25, x -> Math.sqrt(Math.sqrt(x)));
        assertBits(0.5, Math::sqrt);
        assertBits(0.75, x -> Math.sqrt(x) * Math.sqrt(Math.sqrt(x)));
        assertBits(1, x -> x);
        assertBits(1.25, x -> Math.sqrt(Math.sqrt(x)) * x);
        assertBits(2, x -> x * x);
        assertBits(2.5, x -> Math.sqrt(x) * (x * x));
        assertBits(3, x -> x * (x * x));
        assertBits(5, x -> x * ((x * x) * (x * x)));
        assertBits(1.1, x -> Powers.of(x, 1.1));
        assertBits(16.5, x -> Powers.of(x, 16.5));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 0.75, 1.75, 2, 3, 4.5, 7, 15.75, 16})
    void powersAreAccurate(double y) {
        double[] values = values();
        double[] powers = raised(values, y);
        for (int i = 0; i < COUNT; i++) {
            double expected = StrictMath.pow(values[i], y);
            assertEquals(expected, powers[i], expected * (3 + y) * 0x1p-53);
        }
    }

    @Test
    void whatIsNoNumberStaysNone() {
        double[] limits = {0, Double.POSITIVE_INFINITY, Double.NaN};
        for (double y : new double[] {0.25, 0.5, 0.75, 1, 3, 1.1}) {
            assertArrayEquals(limits, raised(limits, y));
        }
    }
}
