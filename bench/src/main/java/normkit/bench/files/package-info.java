/** Tensors in files: NumPy's {@code .npy}, pictures, and results that appear all at once or not at all. */
package normkit.bench.files;
