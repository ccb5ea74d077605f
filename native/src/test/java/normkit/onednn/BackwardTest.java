package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import normkit.spi.Execution;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients against the definitions, for every kind of problem and of memory, wanted or not, in place or not. */
class BackwardTest {

    private final OneDnnBackend backend = new OneDnnBackend();

    static List<Problem> problems() {
        return Problems.all(true);
    }

    @ParameterizedTest
    @MethodSource("problems")
    void followsTheDefinition(Problem problem) {
        for (Tensors tensors : Tensors.values()) {
            check(problem, tensors);
        }
    }

    private void check(Problem problem, Tensors tensors) {
        assertInstanceOf(Support.Supported.class, backend.supports(problem));
        Random random = new Random(problem.toString().hashCode());
        try (Arena arena = Arena.ofConfined(); Execution execution = backend.prepare(problem)) {
            Tensor x = tensors.random(problem.x(), arena, random, 0.3, 2);
            Tensor dy = tensors.random(problem.x(), arena, random, 0.1, 1);
            Tensor scale = problem.hasScale() ? tensors.random(problem.parameterSpec(), arena, random, 1, 0.2) : null;
            Oracle oracle = new Oracle(problem);
            oracle.measure(x);
            Statistics statistics = Tensors.statistics(problem);
            for (int s = 0; s < oracle.mean.length; s++) {
                statistics.mean().set(s, oracle.mean[s]);
                statistics.variance().set(s, oracle.variance[s]);
                statistics.rstd().set(s, oracle.rstd(s));
            }
            Statistics saved = Statistics.meanAndRstd(statistics.mean(), statistics.rstd());
            Tensor dx = tensors.make(problem.x(), arena);
            Tensor dscale = tensors.make(problem.parameterSpec(), arena);
            Tensor dshift = tensors.make(problem.parameterSpec(), arena);

            execution.backward(dy, x, scale, saved, dx, dscale, dshift);

            GradientBounds.check(oracle, dy, x, scale, dx, dscale, dshift);

            // Whatever is not wanted, what is wanted stays the same to the bit.
            Tensor again = tensors.make(problem.parameterSpec(), arena);
            execution.backward(dy, x, scale, saved, null, again, null);
            assertSame(dscale, again);
            execution.backward(dy, x, scale, saved, null, null, again);
            assertSame(dshift, again);
            execution.backward(dy, x, scale, saved, null, null, null);

            Tensor dataOnly = tensors.make(problem.x(), arena);
            execution.backward(dy, x, scale, saved, dataOnly, null, null);
            GradientBounds.checkDx(oracle, oracle.dx(dy, x, scale), dataOnly, dy);

            Tensor onDy = tensors.copy(dy, arena);
            execution.backward(onDy, x, scale, saved, onDy, again, null);
            assertSame(dx, onDy);
            assertSame(dscale, again);
            Tensor onX = tensors.copy(x, arena);
            execution.backward(dy, onX, scale, saved, onX, again, null);
            assertSame(dx, onX);
            assertSame(dscale, again);

            Tensor byVariance = tensors.make(problem.x(), arena);
            Statistics variances = Statistics.meanAndVariance(statistics.mean(), statistics.variance());
            execution.backward(dy, x, scale, variances, byVariance, dscale, dshift);
            GradientBounds.check(oracle, dy, x, scale, byVariance, dscale, dshift);
        }
    }

    private static void assertSame(Tensor expected, Tensor actual) {
        for (int i = 0; i < expected.spec().elements(); i++) {
            assertEquals(expected.get(i), actual.get(i), "element " + i);
        }
    }
}
