/**
 * The backend {@code simd}: kernels on {@code jdk.incubator.vector} with the same bits as the portable ones.
 * {@link normkit.simd.SimdBackend} decides whether they can run, {@code SimdRuns} and {@code SimdColumns} walk the geometries.
 * {@code SpecialRunLoops} and {@code SpecialColumnLoops} are the one source of their loops, and {@code Specializer} defines
 * them anew for each combination of element type, vector size and kinds of memory. {@code Vectors} says what such a loop must
 * look like.
 */
package normkit.simd;
