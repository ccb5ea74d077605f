package normkit.engine;

import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Runs a problem with scratch memory of its own; serves one thread at a time. */
interface Worker {

    /** See {@link normkit.spi.Execution#forward}. */
    void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y);

    /** See {@link normkit.spi.Execution#backward}. */
    void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale, Tensor dshift);
}
