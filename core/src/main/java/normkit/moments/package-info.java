/**
 * Arithmetic on moments: count, mean and sum of squared deviations of a set, how they merge, and how techniques turn
 * them into coefficients. Nothing here touches a tensor's memory.
 */
package normkit.moments;
