package normkit.engine;

import normkit.activation.Activation;
import normkit.spi.Coefficients;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * The element-wise steps around a normalization, over at most {@value #BLOCK} contiguous elements at once: these are copied
 * to arrays of their own, whatever carrier they came from, and back. Shared by all backends, so the same bits everywhere.
 * Outputs may be in the place of inputs. An instance serves one thread at a time.
 *
 * <p>{@link FloatElements} and {@link DoubleElements} are twins: what one does the other does in its own type.
 */
abstract class Elements {

    /** Most elements at once. */
    static final int BLOCK = 1024;

    static Elements of(DataType type) {
        return switch (type) {
            case F32 -> new FloatElements();
            case F64 -> new DoubleElements();
        };
    }

    /** to = f(from). */
    abstract void activate(Activation f, Tensor from, Tensor to, long start, int n);

    /** to = dy·f′(z). */
    abstract void gradient(Activation f, Tensor dy, Tensor z, Tensor to, long start, int n);

    /** to = a + b. */
    abstract void add(Tensor a, Tensor b, Tensor to, long start, int n);

    /**
     * to = dy·f′(z), z being the normalized x as the forward formula of {@link Coefficients} has it, for elements of one set.
     *
     * @param scale γ per element of a run, null for 1
     * @param shift β per element of a run, null for −0
     * @param at place in a run of the first element
     */
    abstract void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, double pivot,
            double gain, double offset, Tensor scale, Tensor shift, long at);

    /**
     * The same for neighbouring columns.
     *
     * @param c pivot, gain and offset per column
     * @param at column of the first element
     * @param skipped columns whose dy is left as it is, by column; null for none
     */
    abstract void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, Coefficients c,
            int at, boolean[] skipped);
}
