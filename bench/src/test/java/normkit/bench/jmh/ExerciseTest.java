package normkit.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import normkit.bench.WrongBackend;
import normkit.bench.run.RealModels;
import normkit.bench.run.Workload;
import normkit.dispatch.Backends;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.spi.Support;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExerciseTest {

    /** The smallest of each operation, pass and layout, since there is much to compute. */
    static List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        Stream.concat(RealModels.problems().stream(), RealModels.extremes().stream())
                .sorted((a, b) -> Long.compare(a.x().elements(), b.x().elements()))
                .filter(p -> problems.stream().noneMatch(q -> q.operation() == p.operation() && q.pass() == p.pass()
                        && q.x().layout() == p.x().layout()))
                .forEach(problems::add);
        return problems;
    }

    @ParameterizedTest
    @MethodSource("problems")
    void everyBackendIsVerifiedAndRuns(Problem problem) {
        List<String> backends = new ArrayList<>(List.of(NormBenchmark.COPY));
        Backends.all().stream().filter(Backends.Probed::available).map(Backends.Probed::backend)
                .filter(b -> !b.name().equals(WrongBackend.NAME))
                .filter(b -> b.supports(problem) instanceof Support.Supported).forEach(b -> backends.add(b.name()));
        for (String backend : backends) {
            try (Exercise exercise = Exercise.of(problem, backend, 1, 1)) {
                exercise.run();
            }
        }
    }

    @Test
    void problemsCoverEveryOperation() {
        assertEquals(Set.of(Operation.values()),
                Set.copyOf(problems().stream().map(Problem::operation).distinct().toList()));
    }

    @Test
    void aWrongResultIsRefused() {
        Problem problem = new Workload("layer_norm", "forward", "rows", "3x7", "0").problem();
        String message = assertThrows(IllegalStateException.class, () -> Exercise.of(problem, WrongBackend.NAME, 1, 1))
                .getMessage();
        assertTrue(message.startsWith("wrong is wrong, so it is not timed: y[0] is 0.0; scalar computes "), message);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Problem problem = new Workload("layer_norm", "forward", "rows", "1048576x1048576", "0").problem();
        String message =
                assertThrows(IllegalStateException.class, () -> Exercise.of(problem, "scalar", 1, 1)).getMessage();
        assertTrue(message.startsWith("it needs 12583"), message);
    }

    @Test
    void sweptTensorsHaveTheirSizes() {
        assertEquals(10, SweepBenchmark.sizes().count());
        SweepBenchmark.sizes().forEach(bytes -> {
            assertEquals(bytes, SweepBenchmark.problem("layer_norm", bytes).x().byteSize());
            assertEquals(bytes, SweepBenchmark.problem("batch_norm", bytes).x().byteSize());
        });
        assertEquals("layer_norm forward rows 1x256",
                Workload.of(SweepBenchmark.problem("layer_norm", 1024)).toString());
        assertEquals("layer_norm forward rows 65536x1024",
                Workload.of(SweepBenchmark.problem("layer_norm", 1 << 28)).toString());
        assertEquals("batch_norm forward nxc 1x4x64",
                Workload.of(SweepBenchmark.problem("batch_norm", 1024)).toString());
    }
}
