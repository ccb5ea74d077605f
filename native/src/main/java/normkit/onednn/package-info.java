/**
 * Batch, layer, RMS, group and instance normalization of f32 tensors by oneDNN, called through the JavaCPP presets. The
 * backend's name is {@code onednn}. Results are not those of the portable kernels to the bit but within the bounds that
 * docs/onednn.md states.
 *
 * <p>{@link normkit.onednn.OneDnnBackend} is all there is for a user; it needs the presets' native libraries on the
 * class or module path and permission for native access.
 */
package normkit.onednn;
