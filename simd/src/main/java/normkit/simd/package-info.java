/**
 * The backend {@code simd}: kernels on {@code jdk.incubator.vector} with the same bits as the portable ones.
 * {@link normkit.simd.SimdBackend} decides whether they can run, {@code SimdRuns} and {@code SimdColumns} walk the geometries,
 * {@code SpecialLoops} is the one source of all loops, and {@code Specializer} defines it anew for each combination of
 * element type, vector size and kinds of memory.
 */
package normkit.simd;
