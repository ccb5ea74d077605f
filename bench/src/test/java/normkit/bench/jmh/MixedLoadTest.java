package normkit.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import normkit.bench.WrongBackend;
import normkit.bench.run.Workload;
import normkit.spi.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MixedLoadTest {

    /** Several threads, in arrays and in arenas of all kinds; it throws if a result is wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "simd"})
    void everythingIsVerifiedAndRuns(String backend) throws InterruptedException {
        MixedLoad.run(backend, Duration.ZERO);
    }

    @Test
    void aWrongResultInAThreadIsReported() {
        Throwable failure =
                assertThrows(IllegalStateException.class, () -> MixedLoad.run(WrongBackend.NAME, Duration.ZERO));
        assertTrue(failure.getCause().getMessage().startsWith("wrong is wrong, so it is not timed: "),
                failure.getCause()::getMessage);
    }

    @ParameterizedTest
    @EnumSource(Home.class)
    void tensorsAreWhereTheyShouldBe(Home home) {
        Problem problem = new Workload("rms_norm", "backward", "rows", "3x7", "0").problem();
        var arena = home.open();
        assertEquals(home == Home.HEAP, Home.allocate(problem.x(), arena).isHeap());
        home.close(arena);
        try (Exercise exercise = Exercise.of(problem, "scalar", 1, 1, home)) {
            exercise.run();
        }
    }
}
