package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** y and saved statistics against the definitions, for every kind of problem and of memory. */
class ForwardTest {

    private static final double U = 0x1p-24;

    private final OneDnnBackend backend = new OneDnnBackend();

    static List<Problem> problems() {
        return Problems.all(false);
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
            Tensor scale = problem.hasScale() ? tensors.random(problem.parameterSpec(), arena, random, 1, 0.2) : null;
            Tensor shift = problem.hasShift() ? tensors.random(problem.parameterSpec(), arena, random, 0, 1) : null;
            Tensor y = tensors.make(problem.x(), arena);
            Statistics statistics = Tensors.statistics(problem);
            Oracle oracle = new Oracle(problem);
            if (problem.pass() == Pass.INFERENCE) {
                statistics = given(problem, oracle, random);
            } else {
                oracle.measure(x);
            }

            execution.forward(x, scale, shift, statistics, y);

            for (int i = 0; i < problem.x().elements(); i++) {
                double size = Math.abs(oracle.or(scale, i, 1))
                        * (1 + Math.abs(oracle.normalized(x, i)) + oracle.offset(oracle.set(i)))
                        + Math.abs(oracle.or(shift, i, 0));
                assertEquals(oracle.y(x, scale, shift, i), y.get(i), 16 * U * size, tensors + " y " + i);
            }
            if (problem.pass() == Pass.FORWARD) {
                checkStatistics(oracle, statistics);
            }

            Tensor inPlace = tensors.copy(x, arena);
            execution.forward(inPlace, scale, shift, statistics, inPlace);
            for (int i = 0; i < problem.x().elements(); i++) {
                assertEquals(y.get(i), inPlace.get(i), tensors + " in place " + i);
            }
        }
    }

    /** Statistics of something else, given as mean and rstd. */
    private static Statistics given(Problem problem, Oracle oracle, Random random) {
        Statistics all = Tensors.statistics(problem);
        for (int s = 0; s < oracle.mean.length; s++) {
            oracle.mean[s] = (float) random.nextGaussian();
            oracle.variance[s] = (float) (0.5 + random.nextDouble());
            all.mean().set(s, oracle.mean[s]);
            all.rstd().set(s, oracle.rstd(s));
        }
        return Statistics.meanAndRstd(all.mean(), all.rstd());
    }

    private static void checkStatistics(Oracle oracle, Statistics statistics) {
        for (int s = 0; s < oracle.mean.length; s++) {
            double variance = oracle.variance[s];
            double size = Math.abs(oracle.mean[s]) + Math.sqrt(variance);
            assertEquals(oracle.mean[s], statistics.mean().get(s), 64 * U * size);
            assertEquals(variance, statistics.variance().get(s), 64 * U * variance);
            assertEquals(oracle.rstd(s), statistics.rstd().get(s), 64 * U * oracle.rstd(s));
        }
    }
}
