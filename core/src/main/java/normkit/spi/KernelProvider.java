package normkit.spi;

import normkit.tensor.DataType;

/** Makes kernel instances, each for one thread at a time. Thread-safe. */
public interface KernelProvider {

    /**
     * Makes kernels for contiguous runs.
     *
     * @param type element type
     * @return a new instance with its own scratch memory
     */
    RunKernels runs(DataType type);

    /**
     * Makes kernels for columns.
     *
     * @param type element type
     * @return a new instance with its own scratch memory
     */
    ColumnKernels columns(DataType type);
}
