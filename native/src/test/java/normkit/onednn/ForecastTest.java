package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import normkit.spi.Cost;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.DataType;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the planner is told about oneDNN before its library is loaded holds afterwards. */
class ForecastTest {

    private final OneDnnBackend backend = new OneDnnBackend();

    static List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (Pass pass : List.of(Pass.FORWARD, Pass.BACKWARD)) {
            problems.add(problem(Operation.LAYER_NORM, pass, TensorSpec.rows(3, 40)));
            problems.add(problem(Operation.RMS_NORM, pass, TensorSpec.rows(3, 40)));
            problems.add(problem(Operation.GROUP_NORM, pass, TensorSpec.channelsFirst(2, 32, 4, 4)));
            problems.add(problem(Operation.GROUP_NORM, pass, TensorSpec.channelsLast(2, 4, 4, 32)));
            problems.add(problem(Operation.INSTANCE_NORM, pass, TensorSpec.channelsFirst(2, 32, 4, 4)));
            problems.add(problem(Operation.LAYER_NORM, pass, TensorSpec.rows(3, 40).as(DataType.F64)));
            problems.add(problem(Operation.LAYER_NORM, pass, TensorSpec.rows(0, 40)));
        }
        for (Pass pass : Pass.values()) {
            problems.add(problem(Operation.BATCH_NORM, pass, TensorSpec.channelsFirst(2, 32, 4, 4)));
            problems.add(problem(Operation.BATCH_NORM, pass, TensorSpec.channelsLast(2, 4, 4, 32)));
            problems.add(problem(Operation.BATCH_NORM, pass, TensorSpec.channelsLast(2, 4, 4, 3)));
            problems.add(problem(Operation.BATCH_NORM, pass, TensorSpec.channelsFirst(8, 32)));
        }
        return problems;
    }

    private static Problem problem(Operation operation, Pass pass, TensorSpec x) {
        boolean rows = operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
        return new Problem(operation, pass, x, rows ? 1 : 0, operation == Operation.GROUP_NORM ? 8 : 0, true, !rows,
                1e-5);
    }

    @ParameterizedTest
    @MethodSource("problems")
    void forecastsHold(Problem problem) {
        Support forecast = backend.forecast(problem).orElseThrow();
        Support answer = backend.supports(problem);
        if (answer instanceof Support.Supported supported) {
            Cost expected = ((Support.Supported) forecast).cost();
            Cost cost = supported.cost();
            assertTrue(cost.known(), answer::toString);
            // A forecast may be too good, on CPUs without AVX-512; too bad, it would keep the library from being loaded.
            assertTrue(expected.cached() <= cost.cached() && expected.shared() <= cost.shared()
                    && expected.memory() <= cost.memory(), answer::toString);
            if (supported.implementation().equals(((Support.Supported) forecast).implementation())) {
                assertEquals(expected, cost);
            }
        } else {
            assertEquals(answer, forecast);
        }
    }

    @Test
    void referenceCodeIsFarMoreExpensiveThanAnythingElse() {
        Support reference =
                backend.supports(problem(Operation.GROUP_NORM, Pass.BACKWARD, TensorSpec.channelsFirst(2, 32, 4, 4)));
        assertEquals("ref:any", ((Support.Supported) reference).implementation());
        assertTrue(((Support.Supported) reference).cost().cached() > 1000);
    }

    @Test
    void theLibraryIsLoadedOnlyWhenItMayWinOrIsAskedFor() {
        String output = new ChildJvm(LazyPlans.class).with("-Dnormkit.wisdom=none").run();
        assertTrue(output.contains("planned: scalar unloaded"), output);
        assertTrue(output.contains("onednn: supported, jit:uni, "), output);
        assertTrue(output.contains("explained: loaded"), output);
    }

    @Test
    void theEditionIsTheVersionAndLoadsNothing() {
        assertTrue(backend.edition().startsWith("3."), backend.edition());
        assertFalse(backend.edition().contains("\n"));
    }
}
