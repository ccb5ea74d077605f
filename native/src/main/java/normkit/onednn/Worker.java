package normkit.onednn;

import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** One thread's way to run a problem: its buffers, arguments and stream. It serves one thread at a time. */
interface Worker extends AutoCloseable {

    /** See {@link normkit.spi.Execution#forward}. */
    default void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        throw new IllegalStateException("the execution was prepared for a backward pass");
    }

    /** See {@link normkit.spi.Execution#backward}. */
    default void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        throw new IllegalStateException("the execution was prepared for a forward pass");
    }

    @Override
    void close();
}
