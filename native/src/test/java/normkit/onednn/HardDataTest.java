package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bounds that docs/onednn.md states, on data that is hard: large sets, large offsets, constants, what is not
 * finite.
 */
class HardDataTest {

    private static final double U = 0x1p-24;

    private final OneDnnBackend backend = new OneDnnBackend();
    private final Random random = new Random(11);

    private static Problem problem(Operation operation, TensorSpec x) {
        boolean rows = operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
        long groups = operation == Operation.GROUP_NORM ? 2 : 0;
        return new Problem(operation, Pass.FORWARD, x, rows ? 1 : 0, groups, true, true, 1e-5);
    }

    private static Stream<Problem> channelled(TensorSpec... specs) {
        List<Operation> operations = List.of(Operation.BATCH_NORM, Operation.GROUP_NORM, Operation.INSTANCE_NORM);
        return Stream.of(specs).flatMap(x -> operations.stream().map(operation -> problem(operation, x)));
    }

    static List<Problem> small() {
        TensorSpec rows = TensorSpec.rows(8, 200);
        return Stream.concat(Stream.of(problem(Operation.LAYER_NORM, rows), problem(Operation.RMS_NORM, rows)),
                channelled(TensorSpec.channelsFirst(4, 16, 6, 7), TensorSpec.channelsLast(4, 6, 7, 16),
                        TensorSpec.channelsLast(4, 6, 7, 6)))
                .toList();
    }

    static List<Problem> large() {
        TensorSpec rows = TensorSpec.rows(2, 200_000);
        return Stream.concat(Stream.of(problem(Operation.LAYER_NORM, rows), problem(Operation.RMS_NORM, rows)),
                channelled(TensorSpec.channelsFirst(32, 4, 56, 56), TensorSpec.channelsLast(32, 56, 56, 16),
                        TensorSpec.channelsLast(32, 56, 56, 6)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("small")
    void boundHoldsAtAnyOffset(Problem problem) {
        for (double offset : new double[] {0, 1, 1e2, 1e4, 1e6}) {
            check(problem, offset, 1);
        }
        check(problem, 3.3, 0);
        check(problem, 0, 1e-20);
        check(problem, 0, 1e15);
    }

    static List<Problem> gradients() {
        return small().stream().filter(problem -> problem.operation() != Operation.RMS_NORM)
                .map(p -> new Problem(p.operation(), Pass.BACKWARD, p.x(), p.normalizedRank(), p.groups(), true, true,
                        p.epsilon()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("gradients")
    void gradientBoundsHoldAtAnyOffset(Problem problem) {
        for (double offset : new double[] {0, 1, 1e2, 1e4, 1e6}) {
            checkGradients(problem, offset, 1);
        }
        checkGradients(problem, 3.3, 0);
        checkGradients(problem, 0, 1e-20);
        checkGradients(problem, 0, 1e15);
    }

    private void checkGradients(Problem problem, double mean, double deviation) {
        Tensor x = Tensors.HEAP.random(problem.x(), null, random, mean, deviation);
        Tensor dy = Tensors.HEAP.random(problem.x(), null, random, 0, 1);
        Tensor scale = Tensors.HEAP.random(problem.parameterSpec(), null, random, 1, 0.2);
        Oracle oracle = new Oracle(problem);
        oracle.measure(x);
        Statistics saved = Tensors.statistics(problem);
        for (int s = 0; s < oracle.mean.length; s++) {
            saved.mean().set(s, oracle.mean[s]);
            saved.rstd().set(s, oracle.rstd(s));
        }
        Tensor dx = Tensors.HEAP.make(problem.x(), null);
        Tensor dscale = Tensors.HEAP.make(problem.parameterSpec(), null);
        Tensor dshift = Tensors.HEAP.make(problem.parameterSpec(), null);
        try (Execution execution = backend.prepare(problem)) {
            execution.backward(dy, x, scale, Statistics.meanAndRstd(saved.mean(), saved.rstd()), dx, dscale, dshift);
        }
        GradientBounds.check(oracle, dy, x, scale, dx, dscale, dshift);
    }

    @ParameterizedTest
    @MethodSource("large")
    void boundHoldsForLargeSets(Problem problem) {
        check(problem, 0, 1);
        check(problem, 1e4, 1);
    }

    private void check(Problem problem, double mean, double deviation) {
        Tensor x = Tensors.HEAP.random(problem.x(), null, random, mean, deviation);
        Tensor scale = Tensors.HEAP.random(problem.parameterSpec(), null, random, 1, 0.2);
        Tensor shift = Tensors.HEAP.random(problem.parameterSpec(), null, random, 0, 1);
        Tensor y = run(problem, x, scale, shift);
        Oracle oracle = new Oracle(problem);
        oracle.measure(x);
        double factor = U * (8 + problem.setSize() / 4.0);
        for (int i = 0; i < problem.x().elements(); i++) {
            double size = Math.abs(oracle.or(scale, i, 1))
                    * (1 + Math.abs(oracle.normalized(x, i)) + oracle.offset(oracle.set(i)))
                    + Math.abs(oracle.or(shift, i, 0));
            assertEquals(oracle.y(x, scale, shift, i), y.get(i), factor * size, "mean " + mean + " y " + i);
        }
    }

    private Tensor run(Problem problem, Tensor x, Tensor scale, Tensor shift) {
        Tensor y = Tensors.HEAP.make(problem.x(), null);
        try (Execution execution = backend.prepare(problem)) {
            execution.forward(x, scale, shift, Statistics.NONE, y);
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("small")
    void whatIsNotFiniteStaysInItsSet(Problem problem) {
        Tensor ones = Tensors.HEAP.random(problem.parameterSpec(), null, random, 1, 0);
        Tensor zeros = Tensors.HEAP.random(problem.parameterSpec(), null, random, 0, 0);
        Tensor x = Tensors.HEAP.random(problem.x(), null, random, 0, 1);
        Oracle oracle = new Oracle(problem);
        Tensor clean = run(problem, x, ones, zeros);
        int place = 45;
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            x.set(place, bad);
            Tensor y = run(problem, x, ones, zeros);
            for (int i = 0; i < problem.x().elements(); i++) {
                if (oracle.set(i) != oracle.set(place)) {
                    assertEquals(clean.get(i), y.get(i), bad + " far away, y " + i);
                } else if (problem.operation() == Operation.RMS_NORM && Double.isInfinite(bad) && i != place) {
                    // x/∞: the limitation that docs/onednn.md names.
                    assertEquals(0, y.get(i), bad + " beside, y " + i);
                } else {
                    assertFalse(Double.isFinite(y.get(i)), bad + " beside, y " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("small")
    void squaresThatOverflowLeaveTheShift(Problem problem) {
        // The limitation that docs/onednn.md names: the variance is infinite, and y is β.
        Tensor x = Tensors.HEAP.random(problem.x(), null, random, 0, 1e25);
        Tensor scale = Tensors.HEAP.random(problem.parameterSpec(), null, random, 1, 0.2);
        Tensor shift = Tensors.HEAP.random(problem.parameterSpec(), null, random, 0, 1);
        Tensor y = run(problem, x, scale, shift);
        Oracle oracle = new Oracle(problem);
        for (int i = 0; i < problem.x().elements(); i++) {
            assertEquals(oracle.or(shift, i, 0), y.get(i), "y " + i);
        }
    }
}
