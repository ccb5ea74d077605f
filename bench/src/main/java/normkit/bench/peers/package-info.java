/**
 * Implementations to compare with. Each is a {@link normkit.spi.Backend}, so that it is verified, timed and plotted as any
 * other, and runs only where it is {@linkplain normkit.spi.Backend#onlyByName() named}.
 *
 * <p>Always here is {@code loop}, what a Java programmer would write. The Maven profile {@code peers} adds two libraries,
 * which are large: {@code libtorch} and {@code onnxruntime}.
 */
package normkit.bench.peers;
