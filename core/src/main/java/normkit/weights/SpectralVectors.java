package normkit.weights;

import java.util.SplittableRandom;

/**
 * The estimates of the left and right singular vectors u and v of a weight's largest singular value that spectral norm improves
 * with every training step, in f64, owned by the caller. Not thread-safe: one training step at a time.
 */
public final class SpectralVectors {

    final double[] u;
    final double[] v;

    /**
     * Takes over vectors, copied as they are.
     *
     * @param u left vector: one element per row of the weight's matrix view, of length 1
     * @param v right vector: one element per column, of length 1
     */
    public SpectralVectors(double[] u, double[] v) {
        this.u = u.clone();
        this.v = v.clone();
    }

    /**
     * Makes random vectors of length 1.
     *
     * @param rows elements of u
     * @param columns elements of v
     * @param seed the same seed gives the same vectors
     * @return the vectors
     */
    static SpectralVectors random(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new SpectralVectors(direction(rows, random), direction(columns, random));
    }

    private static double[] direction(int length, SplittableRandom random) {
        double[] vector = random.doubles(length, -1, 1).toArray();
        normalize(vector, 0);
        return vector;
    }

    /** Divides a vector by its length, or by ε if that is more, and returns the length. */
    static double normalize(double[] vector, double epsilon) {
        double largest = 0;
        for (double element : vector) {
            largest = Math.max(largest, Math.abs(element));
        }
        if (largest == 0) {
            return 0;
        }
        // By a power of two, so that squares neither overflow nor underflow.
        double scale = Math.scalb(1.0, -Math.max(-1000, Math.getExponent(largest)));
        double sum = 0;
        for (double element : vector) {
            sum += element * scale * (element * scale);
        }
        double length = Math.sqrt(sum) / scale;
        double divisor = Math.max(length, epsilon);
        for (int i = 0; i < vector.length; i++) {
            vector[i] /= divisor;
        }
        return length;
    }

    /**
     * Returns a copy of the left vector.
     *
     * @return u
     */
    public double[] u() {
        return u.clone();
    }

    /**
     * Returns a copy of the right vector.
     *
     * @return v
     */
    public double[] v() {
        return v.clone();
    }

    /**
     * Copies the vectors, for a backward pass that comes after another forward pass.
     *
     * @return vectors of their own
     */
    public SpectralVectors copy() {
        return new SpectralVectors(u, v);
    }
}
