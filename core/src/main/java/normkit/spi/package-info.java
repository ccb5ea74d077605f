/**
 * What a backend provides: {@link normkit.spi.Backend} answers per {@link normkit.spi.Problem} whether it is supported and
 * makes {@link normkit.spi.Execution}s of it. A backend that only has kernels per geometry implements
 * {@link normkit.spi.RunKernels} and {@link normkit.spi.ColumnKernels} and leaves the rest to {@code normkit.engine}.
 */
package normkit.spi;
