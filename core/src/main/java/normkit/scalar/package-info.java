/**
 * The portable kernels: plain loops that C2 vectorizes, in the canonical order every backend of the library follows.
 *
 * <p>Elements are staged block by block into small arrays before they are worked on. That gives every carrier and element
 * type the same loops, makes work in place safe, and gives C2 what it needs to vectorize: C2 of JDK 25 cannot prove that
 * {@code x[xo + i]} and {@code y[yo + i]} do not alias, but it can for arrays accessed at one index and for one array
 * accessed at constant distances.
 */
package normkit.scalar;
