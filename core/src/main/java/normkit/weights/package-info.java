/**
 * Reparametrizations of weights: what a layer's weight is computed from a stored one, once per training step, and how the
 * gradient goes back. Descriptions and plans are used like those in {@link normkit}.
 *
 * <p>Weights are tensors of any layout; which axis counts their outputs is called {@code dim}, as in PyTorch.
 */
package normkit.weights;
