package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.IntStream;
import normkit.bench.WrongBackend;
import normkit.spi.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExactCaseTest {

    private static final int SET = 4096;
    /** 3 ulp of values below 8. */
    private static final double BOUND = 3 * Math.ulp(4f);

    @ParameterizedTest
    @EnumSource
    void everySetIsNormalized(Operation operation) {
        try (ExactCase exact = new ExactCase(operation, 1e6)) {
            assertEquals(SET, exact.problem().setSize());
            for (int set = 0; set < 4; set++) {
                BigDecimal[] y =
                        IntStream.range(set * SET, (set + 1) * SET).mapToObj(exact::exact).toArray(BigDecimal[]::new);
                double sum = Arrays.stream(y).reduce(BigDecimal.ZERO, BigDecimal::add).doubleValue();
                double squares =
                        Arrays.stream(y).map(v -> v.multiply(v)).reduce(BigDecimal.ZERO, BigDecimal::add).doubleValue()
                                / SET;
                if (operation.centred()) {
                    assertEquals(0, sum, 1e-25);
                    // The variance is about 1, so that ε takes about 1e-5 of it.
                    assertEquals(1 - 1e-5, squares, 1e-6);
                } else {
                    assertEquals(SET, sum, 1e-3);
                    assertEquals(1, squares, 1e-15);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourBackendsAreExactAtAnyOffset(Operation operation) {
        for (double offset : ExactCase.OFFSETS) {
            try (ExactCase exact = new ExactCase(operation, offset)) {
                for (String backend : new String[] {"scalar", "simd"}) {
                    Accuracy accuracy = exact.run(backend);
                    assertTrue(accuracy.error() > 0 && accuracy.error() <= BOUND, accuracy.toString());
                    assertEquals(new Accuracy(operation.label(), backend, offset, accuracy.error()), accuracy);
                }
            }
        }
    }

    @Test
    void aWrongBackendShows() {
        try (ExactCase exact = new ExactCase(Operation.LAYER_NORM, 0)) {
            double largest = IntStream.range(0, 4 * SET).mapToDouble(i -> exact.exact(i).abs().doubleValue()).max()
                    .orElseThrow();
            assertEquals(largest, exact.run(WrongBackend.NAME).error());
        }
    }
}
