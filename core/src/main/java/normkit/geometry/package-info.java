/**
 * Compresses a problem to the canonical forms that have kernels. Only arithmetic on shapes: no memory is touched here.
 *
 * <p>The constants of {@link normkit.geometry.Lanes} and the partitions of {@link normkit.geometry.Runs} and
 * {@link normkit.geometry.Columns} are part of the definition of every result: changing one changes bits.
 */
package normkit.geometry;
