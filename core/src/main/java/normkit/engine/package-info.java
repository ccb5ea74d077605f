/**
 * Runs the three steps of a normalization (moments, coefficients, apply) and their duals over the kernels of a backend:
 * tile by tile so that data is read from memory once where a set fits the cache, with a second look at sets whose sums in
 * the element's type cannot be trusted. Scalar and simd share all of it, so only their kernels can differ.
 */
package normkit.engine;
