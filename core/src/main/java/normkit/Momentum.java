package normkit;

/**
 * How a running statistic r takes in the statistic b of a batch: r ← (1 − w)·r + w·b. The field writes the weight w in two
 * ways, so the factory methods name the convention.
 *
 * @param weight weight w of the new batch, 0 … 1; ignored if cumulative
 * @param cumulative whether w is 1/k for the k-th batch, which makes r the plain average
 */
public record Momentum(double weight, boolean cumulative) {

    /** PyTorch's default: a weight of 0.1. */
    public static final Momentum DEFAULT = ofNew(0.1);

    /** Checks the range. */
    public Momentum {
        requireRange(weight);
    }

    private static void requireRange(double momentum) {
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("momentum is " + momentum + "; it must be 0 to 1");
        }
    }

    /**
     * PyTorch's convention: the momentum is the weight of the new batch.
     *
     * @param momentum weight of the new batch, 0 … 1, usually 0.1
     * @return the momentum
     * @throws IllegalArgumentException if it is out of range
     */
    public static Momentum ofNew(double momentum) {
        return new Momentum(momentum, false);
    }

    /**
     * The convention of ONNX (usually 0.9) and Keras (usually 0.99): the momentum is the weight of the old value.
     *
     * @param momentum weight of the old value, 0 … 1
     * @return the momentum
     * @throws IllegalArgumentException if it is out of range
     */
    public static Momentum ofOld(double momentum) {
        requireRange(momentum);
        return new Momentum(1 - momentum, false);
    }

    /**
     * PyTorch's {@code momentum=None}: the running statistic is the average of all batches.
     *
     * @return the momentum
     */
    public static Momentum cumulativeAverage() {
        return new Momentum(0, true);
    }

    /**
     * Returns the weight of a batch.
     *
     * @param batch number of the batch, the first being 1
     * @return w
     * @throws IllegalArgumentException if the average is cumulative and there is no such batch
     */
    public double weightOf(long batch) {
        if (!cumulative) {
            return weight;
        }
        if (batch < 1) {
            throw new IllegalArgumentException("batch is " + batch + "; a cumulative average counts batches from 1");
        }
        return 1.0 / batch;
    }
}
