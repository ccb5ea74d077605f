package normkit.bench.jmh;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.BatchNorm;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.spi.Problem;
import normkit.tensor.Tensor;

/** Holds one pass against the scalar backend on the very data it is timed on, so that no wrong result is timed. */
final class Verification {

    private static final String REFERENCE = "scalar";
    /**
     * What an output may differ by, relative to its largest value: room for sums of millions of f32, far below any
     * mistake. How exact a backend is, the conformance suite tells.
     */
    private static final double BOUND = 1e-4;

    private Verification() {
    }

    /**
     * Runs a pass and the reference.
     *
     * @param problem what is solved
     * @param backend name of the backend that runs the pass
     * @param pass the pass
     * @param operands its tensors; the outputs are written
     * @param home where they are, and the reference's outputs will be
     * @throws IllegalStateException if an output differs
     */
    static void require(Problem problem, String backend, PlannedPass pass, Operands operands, Home home) {
        pass.run(operands);
        Arena arena = home.open();
        try (PlannedPass reference = PlannedPass.of(problem, BatchNorm.create(), REFERENCE)) {
            Operands expected = new Operands(operands.x(), operands.dy(), operands.scale(), operands.shift(),
                    operands.statistics(), null, fresh(operands.y(), arena), fresh(operands.dx(), arena),
                    fresh(operands.dscale(), arena), fresh(operands.dshift(), arena));
            reference.run(expected);
            Map<String, Tensor> right = outputs(expected);
            outputs(operands).forEach((name, tensor) -> near(backend, name, tensor, REFERENCE, right.get(name)));
        } finally {
            home.close(arena);
        }
    }

    private static Tensor fresh(Tensor like, Arena arena) {
        return like == null ? null : Home.allocate(like.spec(), arena);
    }

    private static Map<String, Tensor> outputs(Operands operands) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("y", operands.y());
        outputs.put("dx", operands.dx());
        outputs.put("dscale", operands.dscale());
        outputs.put("dshift", operands.dshift());
        outputs.values().removeIf(tensor -> tensor == null);
        return outputs;
    }

    /**
     * Compares tensors but for rounding.
     *
     * @param who whose result it is
     * @param name what the result is called
     * @param actual the result
     * @param reference whose the right one is
     * @param expected the right one
     * @throws IllegalStateException if they differ
     */
    static void near(String who, String name, Tensor actual, String reference, Tensor expected) {
        long elements = expected.spec().elements();
        double largest = 0;
        for (long i = 0; i < elements; i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
        }
        double bound = BOUND * largest;
        for (long i = 0; i < elements; i++) {
            // Written so that a NaN fails.
            if (!(Math.abs(actual.get(i) - expected.get(i)) <= bound)) {
                throw wrong(who, name, i, actual, reference, expected);
            }
        }
    }

    /**
     * Compares tensors bit by bit. Both are f32, off the heap, and begin at 0.
     *
     * @param who whose result it is
     * @param name what the result is called
     * @param actual the result
     * @param reference whose the right one is
     * @param expected the right one
     * @throws IllegalStateException if they differ
     */
    static void same(String who, String name, Tensor actual, String reference, Tensor expected) {
        long at = actual.segment().mismatch(expected.segment());
        if (at >= 0) {
            throw wrong(who, name, at / Float.BYTES, actual, reference, expected);
        }
    }

    private static IllegalStateException wrong(String who, String name, long i, Tensor actual, String reference,
            Tensor expected) {
        return new IllegalStateException(who + " is wrong, so it is not timed: " + name + "[" + i + "] is "
                + actual.get(i) + "; " + reference + " computes " + expected.get(i));
    }
}
