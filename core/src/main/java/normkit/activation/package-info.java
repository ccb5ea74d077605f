/**
 * Activations: functions of one number that follow a normalization or precede it, with their derivatives, by approximations
 * of our own. No memory but arrays.
 */
package normkit.activation;
