package normkit.onednn;

import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;

/** What is not given to oneDNN whatever it answers, because it would be wrong or is not covered by tests. */
final class Declines {

    /** Counts and offsets inside oneDNN are partly 32 bits wide. */
    private static final long MOST_ELEMENTS = Integer.MAX_VALUE;

    private Declines() {
    }

    /** Returns why a problem is declined, or null if oneDNN may be asked. */
    static String reason(Problem problem) {
        if (problem.type() != DataType.F32) {
            return "oneDNN normalizes f32 on CPUs, but x is " + problem.type();
        }
        if (problem.x().elements() == 0) {
            return "x is empty, which leaves oneDNN nothing to compute";
        }
        if (problem.x().elements() > MOST_ELEMENTS) {
            return "x has " + problem.x().elements() + " elements; more than " + MOST_ELEMENTS
                    + " are not trusted to oneDNN";
        }
        if (problem.fusion().any()) {
            return "fused " + problem.fusion() + " is not supported";
        }
        if (problem.operation() == Operation.RMS_NORM && problem.pass() == Pass.BACKWARD) {
            return "oneDNN 3.10 to 3.13 computes a wrong gradient of RMS norm";
        }
        float epsilon = (float) problem.epsilon();
        if (!(epsilon >= Float.MIN_NORMAL && epsilon < Float.POSITIVE_INFINITY)) {
            return "epsilon is " + problem.epsilon() + ", in f32 " + epsilon
                    + "; oneDNN divides by zero in sets of equal values unless it is a normal number";
        }
        return null;
    }
}
