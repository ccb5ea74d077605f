package normkit.bench.peers;

import normkit.tensor.Tensor;

/** Gradients of parameters. */
final class Sums {

    private Sums() {
    }

    /** Rounds sums to where they are wanted, which may be nowhere (null). */
    static void store(double[] sums, Tensor tensor) {
        for (int i = 0; tensor != null && i < sums.length; i++) {
            tensor.set(i, sums[i]);
        }
    }
}
