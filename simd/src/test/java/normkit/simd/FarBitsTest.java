package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import normkit.dispatch.Backends;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loops over far memory, which are split and read ahead, give the bits of the portable backend. */
class FarBitsTest {

    /** With a result of the same size, more than a cache is taken to hold. */
    private static final long BYTES = 14 << 20;
    private static final int BATCH = 5;

    /** Planes that are read together with their neighbours. */
    private static final int SHORT_PLANE = 7 * 7;
    private static final int LESS_SHORT_PLANE = 14 * 14;

    /** Of rows whose γ and β are applied piece by piece; the last piece is shorter. */
    private static final int LONG_ROW = 2500;

    static List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (DataType type : DataType.values()) {
            int vector = VectorBits.elements(type);
            // Of the lengths that are split; the last piece is shorter, and its last vector is not a whole one.
            int length = 60 * vector - 3;
            // Two rows make one of such a length, and one row is left.
            int columns = (7 * vector / 2 + 1) * 8;
            for (Pass pass : Pass.values()) {
                for (int plane : List.of(length, SHORT_PLANE, LESS_SHORT_PLANE)) {
                    problems.add(batchNorm(pass, TensorSpec.channelsFirst(BATCH, count(type, plane), plane).as(type)));
                }
                problems.add(batchNorm(pass, TensorSpec.channelsLast(BATCH, count(type, columns), columns).as(type)));
            }
            for (Pass pass : List.of(Pass.FORWARD, Pass.BACKWARD)) {
                for (int row : List.of(length, LONG_ROW)) {
                    TensorSpec x = TensorSpec.rows(BATCH, count(type, row), row).as(type);
                    problems.add(new Problem(Operation.LAYER_NORM, pass, x, 1, 0, true, true, 1e-5));
                }
            }
        }
        return problems;
    }

    /** An odd number of rows or planes per sample. */
    private static long count(DataType type, int length) {
        return BYTES / (BATCH * length * type.bytes()) | 1;
    }

    private static Problem batchNorm(Pass pass, TensorSpec x) {
        return new Problem(Operation.BATCH_NORM, pass, x, 0, 0, true, true, 1e-5);
    }

    private static Tensor random(TensorSpec spec, long seed, Arena arena) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = arena == null ? Tensor.allocate(spec) : Tensor.allocate(spec, arena);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(0.5, 2));
        }
        return tensor;
    }

    /** Runs on operands made anew and returns what is written. */
    private static List<Tensor> results(Backend backend, Problem problem, Arena arena) {
        Tensor x = random(problem.x(), 1, arena);
        Tensor out = random(problem.x(), 2, arena);
        Tensor scale = random(problem.parameterSpec(), 3, arena);
        Tensor shift = random(problem.parameterSpec(), 4, arena);
        TensorSpec statistic = problem.statisticsSpec().as(DataType.F64);
        Statistics statistics = Statistics.meanAndRstd(random(statistic, 5, arena), random(statistic, 6, arena));
        try (Execution execution = backend.prepare(problem)) {
            if (problem.pass().backward()) {
                Tensor dscale = random(problem.parameterSpec(), 7, arena);
                execution.backward(random(problem.x(), 8, arena), x, scale, statistics, out, dscale, shift);
                return List.of(out, dscale, shift);
            }
            execution.forward(x, scale, shift, statistics, out);
            return List.of(out, statistics.mean(), statistics.rstd());
        }
    }

    private static void assertSame(List<Tensor> expected, List<Tensor> actual) {
        for (int t = 0; t < expected.size(); t++) {
            for (long i = 0; i < expected.get(t).spec().elements(); i++) {
                double wanted = expected.get(t).get(i);
                if (Double.compare(wanted, actual.get(t).get(i)) != 0) {
                    assertEquals(wanted, actual.get(t).get(i), "result " + t + " at " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("problems")
    void farTensorsGiveTheBitsOfThePortableBackend(Problem problem) {
        try (Arena arena = Arena.ofConfined()) {
            List<Tensor> expected = results(Backends.named("scalar").backend(), problem, null);
            assertSame(expected, results(new SimdBackend(), problem, null));
            assertSame(expected, results(new SimdBackend(), problem, arena));
        }
    }
}
