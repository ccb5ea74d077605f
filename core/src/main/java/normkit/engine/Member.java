package normkit.engine;

import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Runs parts of a problem with kernels and scratch memory of its own; serves one thread at a time. A part is a range of
 * units, sets or matrices; see {@link Form#units}.
 */
interface Member {

    /**
     * See {@link normkit.spi.Execution#forward}, for the units {@code from} … {@code to} − 1.
     *
     * @param y output; null if only statistics are wanted
     * @param extras what a fusion needs
     */
    void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y, Extras extras, long from,
            long to);

    /**
     * See {@link normkit.spi.Execution#backward}, for the units {@code from} … {@code to} − 1.
     *
     * @param scaleSums to which the part's gradients of γ are added, one per parameter; null if not wanted
     * @param shiftSums to which the part's gradients of β are added; null if not wanted
     * @param extras what a fusion needs
     */
    void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, double[] scaleSums,
            double[] shiftSums, Extras extras, long from, long to);

    /**
     * The gradient of x from sums of g = γ·dy and of g·x̂ that are given, one per set.
     *
     * @param sums Σg of every set, or what takes its place
     * @param dots Σg·x̂ of every set, or what takes its place
     */
    void gradient(Tensor dy, Tensor x, Tensor scale, Statistics statistics, double[] sums, double[] dots, Tensor dx,
            long from, long to);
}
