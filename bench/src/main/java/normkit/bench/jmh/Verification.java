package normkit.bench.jmh;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
     * @throws IllegalStateException if an output differs
     */
    static void require(Problem problem, String backend, PlannedPass pass, Operands operands) {
        pass.run(operands);
        try (Arena arena = Arena.ofShared();
                PlannedPass reference = PlannedPass.of(problem, BatchNorm.create(), REFERENCE)) {
            Operands expected = new Operands(operands.x(), operands.dy(), operands.scale(), operands.shift(),
                    operands.statistics(), null, fresh(operands.y(), arena), fresh(operands.dx(), arena),
                    fresh(operands.dscale(), arena), fresh(operands.dshift(), arena));
            reference.run(expected);
            Map<String, Tensor> right = outputs(expected);
            outputs(operands).forEach((name, tensor) -> compare(backend, name, tensor, right.get(name)));
        }
    }

    private static Tensor fresh(Tensor like, Arena arena) {
        return like == null ? null : Tensor.allocate(like.spec(), arena);
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

    /** Both are f32, off the heap and begin at 0, as all tensors of benchmarks. */
    private static void compare(String backend, String name, Tensor actual, Tensor expected) {
        MemorySegment is = actual.segment();
        MemorySegment mustBe = expected.segment();
        long elements = expected.spec().elements();
        float largest = 0;
        for (long i = 0; i < elements; i++) {
            largest = Math.max(largest, Math.abs(mustBe.getAtIndex(JAVA_FLOAT, i)));
        }
        double bound = BOUND * largest;
        for (long i = 0; i < elements; i++) {
            // Written so that a NaN fails.
            if (!(Math.abs((double) is.getAtIndex(JAVA_FLOAT, i) - mustBe.getAtIndex(JAVA_FLOAT, i)) <= bound)) {
                throw new IllegalStateException(backend + " is wrong, so it is not timed: " + name + "[" + i + "] is "
                        + actual.get(i) + "; " + REFERENCE + " computes " + expected.get(i));
            }
        }
    }
}
