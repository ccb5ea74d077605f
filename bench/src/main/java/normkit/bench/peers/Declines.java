package normkit.bench.peers;

import normkit.spi.Problem;
import normkit.tensor.DataType;

/** What no peer is asked for. */
final class Declines {

    private Declines() {
    }

    /** Returns why a problem is declined, or null. */
    static String reason(Problem problem) {
        if (problem.type() != DataType.F32) {
            return "peers are compared in f32, but x is " + problem.type();
        }
        if (!((float) problem.epsilon() >= Float.MIN_NORMAL)) {
            return "epsilon is " + problem.epsilon()
                    + "; a peer divides by zero in sets of equal values unless it is a " + "normal number";
        }
        return problem.x().elements() == 0 ? "x is empty, which leaves nothing to compare" : null;
    }
}
