package normkit.weights;

import java.util.Arrays;
import java.util.Objects;
import normkit.bulk.Doubles;
import normkit.parts.Numbers;
import normkit.parts.Scratch;
import normkit.parts.Slices;
import normkit.tensor.Arguments;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Spectral normalization: a weight is divided by its largest singular value, w = W/σ, which bounds the Lipschitz
 * constant of its layer by 1. For discriminators of generative networks, and wherever gradients or robustness ask for
 * such a bound. Immutable and thread-safe.
 *
 * <p>The weight is seen as a matrix whose rows are the positions of the axis {@code dim} and whose columns are the
 * positions of all other axes in order. σ = uᵀWv is estimated by power iteration: v ← Wᵀu/max(‖Wᵀu‖, ε), u ←
 * Wv/max(‖Wv‖, ε). The vectors are kept from step to step, so that one iteration per step is enough; see {@link
 * Plan#initialize}.
 *
 * <p>Gradient, with u and v as constants: dW = (dw − (Σdw·w)·uvᵀ)/σ. A weight of zeros comes out as zeros with a
 * gradient of 0 (PyTorch's are NaN); it, or one that is not finite, leaves the vectors as they are. Everything is
 * computed in double and rounded once, sums in the order of memory, so results are the same bits on every machine.
 *
 * <p>Source: T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida, "Spectral Normalization for Generative Adversarial
 * Networks", arXiv 1802.05957; defaults as PyTorch's {@code parametrizations.spectral_norm}: one iteration per step,
 * 15 at the start, ε = 1e-12, dim 0 (1 for transposed convolutions).
 */
public final class SpectralNorm {

    private final int dim;
    private final int iterations;
    private final int warmUp;
    private final double epsilon;

    private SpectralNorm(int dim, int iterations, int warmUp, double epsilon) {
        this.dim = dim;
        this.iterations = iterations;
        this.warmUp = warmUp;
        this.epsilon = epsilon;
    }

    /**
     * Describes spectral norm as PyTorch has it.
     *
     * @return the description, with dim 0, one iteration per step, 15 at the start, ε = 1e-12
     */
    public static SpectralNorm create() {
        return new SpectralNorm(0, 1, 15, 1e-12);
    }

    /**
     * Sets the axis that becomes the rows of the matrix.
     *
     * @param newDim axis of W, 0 by default; negative ones count from the last, −1
     * @return a changed description
     */
    public SpectralNorm dim(int newDim) {
        return new SpectralNorm(newDim, iterations, warmUp, epsilon);
    }

    /**
     * Sets how many power iterations a training step makes.
     *
     * @param count at least 1, the default
     * @return a changed description
     * @throws IllegalArgumentException if there are none
     */
    public SpectralNorm iterations(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("iterations is " + count + "; it must be at least 1");
        }
        return new SpectralNorm(dim, count, warmUp, epsilon);
    }

    /**
     * Sets how many power iterations {@link Plan#initialize} makes.
     *
     * @param count at least 0; the default is 15
     * @return a changed description
     * @throws IllegalArgumentException if it is negative
     */
    public SpectralNorm warmUp(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("warmUp is " + count + "; it must be at least 0");
        }
        return new SpectralNorm(dim, iterations, count, epsilon);
    }

    /**
     * Sets ε, the least length a vector is divided by.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-12
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public SpectralNorm epsilon(double newEpsilon) {
        return new SpectralNorm(dim, iterations, warmUp, Numbers.notNegative("epsilon", newEpsilon));
    }

    /**
     * Plans both directions.
     *
     * @param weight spec of W
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if W has no such axis
     */
    public Plan plan(TensorSpec weight) {
        return new Plan(this, Objects.requireNonNull(weight, "weight"));
    }

    /**
     * A spectral norm planned for one spec of W. Thread-safe; an execution runs on the calling thread alone and
     * allocates nothing.
     */
    public static final class Plan implements AutoCloseable {

        private final SpectralNorm norm;
        private final TensorSpec spec;
        private final Slices rows;
        private final Slices columns;
        private final Scratch<Run> pool;

        private Plan(SpectralNorm norm, TensorSpec weight) {
            int axis = Numbers.axis("dim", norm.dim, weight);
            this.norm = norm;
            this.spec = weight;
            this.rows = Slices.at(weight, axis);
            this.columns = Slices.along(weight, axis);
            this.pool = new Scratch<>(() -> new Run(weight, rows, columns));
        }

        /**
         * Makes vectors for a weight: random ones, improved by the warm-up iterations.
         *
         * @param weight W, of the planned spec
         * @param seed the same seed gives the same vectors
         * @return vectors to train with
         * @throws IllegalArgumentException if W has the wrong spec
         * @throws NullPointerException if W is null
         * @throws IllegalStateException if the plan or the arena of W is closed
         */
        public SpectralVectors initialize(Tensor weight, long seed) {
            Arguments.require("weight", weight, spec);
            SpectralVectors vectors = SpectralVectors.random(rows.count(), columns.count(), seed);
            Run s = pool.take();
            s.iterate(weight, vectors, norm.warmUp, norm.epsilon);
            pool.giveBack(s);
            return vectors;
        }

        /**
         * Estimates σ = uᵀWv.
         *
         * @param weight W, of the planned spec
         * @param vectors u and v, which stay as they are
         * @return the largest singular value, as far as the vectors have come
         * @throws IllegalArgumentException if an argument does not fit the planned spec
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of W is closed
         */
        public double sigma(Tensor weight, SpectralVectors vectors) {
            Arguments.require("weight", weight, spec);
            requireVectors(vectors);
            Run s = pool.take();
            double sigma = s.sigma(weight, vectors);
            pool.giveBack(s);
            return sigma;
        }

        /**
         * A training step: improves the vectors and computes w = W/σ.
         *
         * @param weight W, of the planned spec
         * @param vectors u and v, which are changed
         * @param w output of W's spec; may be exactly W
         * @throws IllegalArgumentException if an argument does not fit the planned spec, or they overlap otherwise
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void train(Tensor weight, SpectralVectors vectors, Tensor w) {
            checkForward(weight, vectors, w);
            Run s = pool.take();
            s.iterate(weight, vectors, norm.iterations, norm.epsilon);
            s.divide(weight, s.sigma(vectors), w);
            pool.giveBack(s);
        }

        /**
         * Computes w = W/σ with the vectors as they are.
         *
         * @param weight W, of the planned spec
         * @param vectors u and v, which stay as they are
         * @param w output of W's spec; may be exactly W
         * @throws IllegalArgumentException if an argument does not fit the planned spec, or they overlap otherwise
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void infer(Tensor weight, SpectralVectors vectors, Tensor w) {
            checkForward(weight, vectors, w);
            Run s = pool.take();
            s.divide(weight, s.sigma(weight, vectors), w);
            pool.giveBack(s);
        }

        private void checkForward(Tensor weight, SpectralVectors vectors, Tensor w) {
            Arguments.require("weight", weight, spec);
            requireVectors(vectors);
            Arguments.require("w", w, spec);
            Arguments.output("w", w);
            Arguments.apartOrSame("w", w, "weight", weight);
        }

        private void requireVectors(SpectralVectors vectors) {
            Objects.requireNonNull(vectors, "vectors is null; it must be the vectors of the weight");
            if (vectors.u.length != rows.count() || vectors.v.length != columns.count()) {
                throw new IllegalArgumentException("vectors are of " + vectors.u.length + " and " + vectors.v.length
                        + " elements; they must be of " + rows.count() + " and " + columns.count()
                        + ", the rows and columns of the weight");
            }
        }

        /**
         * Computes the gradient of W.
         *
         * @param dw gradient of w
         * @param weight W of the forward pass
         * @param vectors u and v as the forward pass left them
         * @param dweight receives the gradient of W; may be exactly dw or W
         * @throws IllegalArgumentException if an argument does not fit the planned spec, or overlaps another
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dw, Tensor weight, SpectralVectors vectors, Tensor dweight) {
            Arguments.require("dw", dw, spec);
            Arguments.require("weight", weight, spec);
            requireVectors(vectors);
            Arguments.require("dweight", dweight, spec);
            Arguments.output("dweight", dweight);
            Arguments.apartOrSame("dweight", dweight, "dw", dw);
            Arguments.apartOrSame("dweight", dweight, "weight", weight);
            Run s = pool.take();
            s.gradient(dw, weight, vectors, dweight);
            pool.giveBack(s);
        }

        /** Ends the plan's life; executing it afterwards throws. */
        @Override
        public void close() {
            pool.close();
        }
    }

    /** Products of a weight's matrix view with vectors, and the memory of one execution. */
    private static final class Run {

        private static final int BLOCK = Doubles.BLOCK;

        private final long elements;
        private final Slices rows;
        private final Slices columns;
        private final Slices whole;
        private final Doubles doubles = new Doubles();
        private final double[] x = new double[BLOCK];
        private final double[] y = new double[BLOCK];
        private final double[] rowFactor = new double[BLOCK];
        private final double[] columnFactor = new double[BLOCK];
        private final double[] rowProduct;
        private final double[] columnProduct;
        private final double[] sum = new double[1];

        Run(TensorSpec weight, Slices rows, Slices columns) {
            this.elements = weight.elements();
            this.rows = rows;
            this.columns = columns;
            this.whole = Slices.whole(weight);
            this.rowProduct = new double[rows.count()];
            this.columnProduct = new double[columns.count()];
        }

        private int block(long start) {
            return (int) Math.min(BLOCK, elements - start);
        }

        void iterate(Tensor weight, SpectralVectors vectors, int count, double epsilon) {
            for (int i = 0; i < count; i++) {
                multiply(weight, rows, vectors.u, columns, columnProduct);
                improve(columnProduct, vectors.v, epsilon);
                multiply(weight, columns, vectors.v, rows, rowProduct);
                improve(rowProduct, vectors.u, epsilon);
            }
        }

        /** Takes over the direction of a product, unless it has none, after which there would never be one again. */
        private static void improve(double[] product, double[] vector, double epsilon) {
            double length = SpectralVectors.length(product);
            if (length > 0 && length < Double.POSITIVE_INFINITY) {
                SpectralVectors.divide(product, Math.max(length, epsilon), vector);
            }
        }

        /** The product with a vector over one side of the matrix, for each element of the other side. */
        private void multiply(Tensor weight, Slices over, double[] vector, Slices side, double[] result) {
            Arrays.fill(result, 0);
            for (long start = 0; start < elements; start += BLOCK) {
                int n = block(start);
                doubles.read(weight, start, n, x, 0);
                over.expand(start, n, vector, rowFactor);
                multiply(x, rowFactor, n);
                side.add(start, n, x, result);
            }
        }

        private static void multiply(double[] values, double[] factors, int n) {
            for (int i = 0; i < n; i++) {
                values[i] *= factors[i];
            }
        }

        double sigma(Tensor weight, SpectralVectors vectors) {
            multiply(weight, columns, vectors.v, rows, rowProduct);
            return sigma(vectors);
        }

        /** With W·v as the last iteration has left it. */
        double sigma(SpectralVectors vectors) {
            double sigma = 0;
            for (int i = 0; i < rowProduct.length; i++) {
                sigma += rowProduct[i] * vectors.u[i];
            }
            return sigma;
        }

        void divide(Tensor weight, double sigma, Tensor w) {
            double divisor = sigma == 0 ? 1 : sigma;
            for (long start = 0; start < elements; start += BLOCK) {
                int n = block(start);
                doubles.read(weight, start, n, x, 0);
                for (int i = 0; i < n; i++) {
                    x[i] /= divisor;
                }
                doubles.write(x, 0, n, w, start);
            }
        }

        /** dW = dw/σ − (Σdw·W/σ)/σ·uvᵀ. */
        void gradient(Tensor dw, Tensor weight, SpectralVectors vectors, Tensor dweight) {
            double sigma = sigma(weight, vectors);
            double inverse = sigma == 0 ? 0 : 1 / sigma;
            double weightOfOuter = -dot(dw, weight, inverse) * inverse;
            for (long start = 0; start < elements; start += BLOCK) {
                int n = block(start);
                doubles.read(dw, start, n, x, 0);
                rows.expand(start, n, vectors.u, rowFactor);
                columns.expand(start, n, vectors.v, columnFactor);
                for (int i = 0; i < n; i++) {
                    x[i] = Math.fma(x[i], inverse, weightOfOuter * (rowFactor[i] * columnFactor[i]));
                }
                doubles.write(x, 0, n, dweight, start);
            }
        }

        private double dot(Tensor dw, Tensor weight, double inverse) {
            sum[0] = 0;
            for (long start = 0; start < elements; start += BLOCK) {
                int n = block(start);
                doubles.read(dw, start, n, x, 0);
                doubles.read(weight, start, n, y, 0);
                for (int i = 0; i < n; i++) {
                    x[i] *= y[i] * inverse;
                }
                whole.add(start, n, x, sum);
            }
            return sum[0];
        }
    }
}
