/**
 * Techniques beyond the basic operations. Each is arithmetic on moments: {@link normkit.engine.SetPasses} computes mean and
 * variance of sets, the technique turns them, in double, into a gain and an offset per set, and these are applied; backward,
 * sums of the gradient take the way back.
 */
package normkit.techniques;
