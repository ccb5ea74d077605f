package normkit.weights;

import java.util.Objects;
import normkit.parts.Numbers;
import normkit.parts.Scratch;
import normkit.parts.SetLoops;
import normkit.parts.Slices;
import normkit.tensor.Arguments;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Weight normalization: direction and length of a weight become parameters of their own, w = g·v/‖v‖, with one length
 * g for each position of an axis, {@code dim}, and ‖v‖ the Euclidean norm over all other axes. For networks without
 * batch statistics (reinforcement learning, generators, audio and recurrent models); with {@link #initialize
 * data-dependent initialization} it starts like batch norm at a fraction of its cost. Immutable and thread-safe.
 *
 * <p>Gradients: dg = Σ dw·v/‖v‖ and dv = g/‖v‖·(dw − v/‖v‖·dg). A slice of zeros has no direction: its w and
 * gradients are 0 (PyTorch's are NaN). Everything is computed in double and rounded once, sums in the order of
 * memory, so results are the same bits on every machine.
 *
 * <p>Source: T. Salimans, D. P. Kingma, "Weight Normalization: A Simple Reparameterization to Accelerate Training of
 * Deep Neural Networks", arXiv 1602.07868; {@code dim} and its default 0 as in PyTorch's {@code weight_norm}.
 */
public final class WeightNorm {

    /** In place of an axis: none. */
    private static final Integer WHOLE = null;

    private final Integer dim;

    private WeightNorm(Integer dim) {
        this.dim = dim;
    }

    /**
     * Describes weight norm with one length per output of a layer whose weight's first axis counts outputs.
     *
     * @return the description, with dim 0
     */
    public static WeightNorm create() {
        return new WeightNorm(0);
    }

    /**
     * Sets the axis that has one length for each of its positions.
     *
     * @param newDim axis of v, 0 by default; negative ones count from the last, −1
     * @return a changed description
     */
    public WeightNorm dim(int newDim) {
        return new WeightNorm(newDim);
    }

    /**
     * Gives the weight a single length (PyTorch's {@code dim=None}).
     *
     * @return a changed description
     */
    public WeightNorm overAll() {
        return new WeightNorm(WHOLE);
    }

    /**
     * Plans both directions.
     *
     * @param v spec of v; w and the gradients have the same
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if v has no such axis
     */
    public Plan plan(TensorSpec v) {
        return new Plan(this, Objects.requireNonNull(v, "v"));
    }

    /**
     * Data-dependent initialization: given mean and variance of each pre-activation of the first batch, computed with
     * g = 1 and bias 0, sets g = 1/σ and bias = −mean/σ, after which that batch has pre-activations of mean 0 and
     * variance 1.
     *
     * @param mean means, such as batch norm saves them
     * @param variance biased variances, each positive; as many as means
     * @param g receives the lengths
     * @param bias receives the biases, or null
     * @throws IllegalArgumentException if the numbers of elements differ, outputs overlap others, or a variance is not
     *         positive and finite
     * @throws NullPointerException if a tensor that must be there is null
     */
    public static void initialize(Tensor mean, Tensor variance, Tensor g, Tensor bias) {
        long count = Objects.requireNonNull(mean, "mean").spec().elements();
        requireCount("variance", Objects.requireNonNull(variance, "variance"), count);
        requireCount("g", Objects.requireNonNull(g, "g"), count);
        requireOutput("g", g, mean, variance);
        if (bias != null) {
            requireCount("bias", bias, count);
            requireOutput("bias", bias, mean, variance);
            Arguments.apart("bias", bias, "g", g);
        }
        for (long i = 0; i < count; i++) {
            if (!(variance.get(i) > 0 && variance.get(i) < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "variance at " + i + " is " + variance.get(i) + "; it must be positive and finite");
            }
        }
        for (long i = 0; i < count; i++) {
            double deviation = Math.sqrt(variance.get(i));
            g.set(i, 1 / deviation);
            if (bias != null) {
                bias.set(i, -mean.get(i) / deviation);
            }
        }
    }

    private static void requireCount(String name, Tensor tensor, long count) {
        if (tensor.spec().elements() != count) {
            throw new IllegalArgumentException(
                    name + " is " + tensor + "; it must have " + count + " elements, as many as mean");
        }
    }

    private static void requireOutput(String name, Tensor output, Tensor mean, Tensor variance) {
        Arguments.output(name, output);
        Arguments.apart(name, output, "mean", mean);
        Arguments.apart(name, output, "variance", variance);
    }

    /** A weight norm planned for one spec of v. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final TensorSpec spec;
        private final TensorSpec parameters;
        private final Scratch<Run> pool;

        private Plan(WeightNorm norm, TensorSpec v) {
            Slices slices = norm.dim == null ? Slices.whole(v) : Slices.at(v, Numbers.axis("dim", norm.dim, v));
            this.spec = v;
            this.parameters = TensorSpec.of(v.type(), Layout.ROWS, slices.count());
            this.pool = new Scratch<>(() -> new Run(v, slices));
        }

        /**
         * Returns the shape of g.
         *
         * @return spec in v's type: one element per position of dim
         */
        public TensorSpec parameterSpec() {
            return parameters;
        }

        /**
         * Computes ‖v‖, the g for which w is v: where training starts from an existing weight.
         *
         * @param v direction, of the planned spec
         * @param g receives the norms
         * @throws IllegalArgumentException if an argument has the wrong spec or they overlap
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void norms(Tensor v, Tensor g) {
            Arguments.require("v", v, spec);
            Arguments.require("g", g, parameters);
            Arguments.output("g", g);
            Arguments.apart("g", g, "v", v);
            Run s = pool.take();
            s.loops.norms(2, v, s.norms);
            Run.store(s.norms, g);
            pool.giveBack(s);
        }

        /**
         * Computes w = g·v/‖v‖.
         *
         * @param v direction, of the planned spec
         * @param g length, of {@link #parameterSpec}
         * @param w output of v's spec; may be exactly v
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor v, Tensor g, Tensor w) {
            Arguments.require("v", v, spec);
            Arguments.require("g", g, parameters);
            Arguments.require("w", w, spec);
            Arguments.output("w", w);
            Arguments.apartOrSame("w", w, "v", v);
            Arguments.apart("w", w, "g", g);
            Run s = pool.take();
            s.invert(v);
            for (int i = 0; i < s.norms.length; i++) {
                s.gain[i] = g.get(i) * s.inverse[i];
            }
            s.loops.scale(v, s.gain, w);
            pool.giveBack(s);
        }

        /**
         * Computes gradients.
         *
         * @param dw gradient of w
         * @param v direction of the forward pass
         * @param g length of the forward pass
         * @param dv receives the gradient of v, or null if not wanted; may be exactly v or dw
         * @param dg receives the gradient of g, or null if not wanted
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if dw, v or g is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dw, Tensor v, Tensor g, Tensor dv, Tensor dg) {
            checkBackward(dw, v, g, dv, dg);
            Run s = pool.take();
            s.invert(v);
            s.loops.dots(dw, v, s.inverse, s.dots);
            if (dv != null) {
                for (int i = 0; i < s.norms.length; i++) {
                    s.gain[i] = g.get(i) * s.inverse[i];
                    s.weight[i] = -s.gain[i] * s.dots[i];
                }
                s.loops.combine(dw, s.gain, v, s.inverse, s.weight, dv);
            }
            if (dg != null) {
                Run.store(s.dots, dg);
            }
            pool.giveBack(s);
        }

        private void checkBackward(Tensor dw, Tensor v, Tensor g, Tensor dv, Tensor dg) {
            Arguments.require("dw", dw, spec);
            Arguments.require("v", v, spec);
            Arguments.require("g", g, parameters);
            Arguments.optional("dv", dv, spec);
            Arguments.optional("dg", dg, parameters);
            Arguments.output("dv", dv);
            Arguments.output("dg", dg);
            Arguments.apartOrSame("dv", dv, "dw", dw);
            Arguments.apartOrSame("dv", dv, "v", v);
            Arguments.apart("dv", dv, "g", g);
            Arguments.apart("dg", dg, "dw", dw);
            Arguments.apart("dg", dg, "v", v);
            Arguments.apart("dg", dg, "g", g);
            Arguments.apart("dg", dg, "dv", dv);
        }

        /** Ends the plan's life; executing it afterwards throws. */
        @Override
        public void close() {
            pool.close();
        }
    }

    /** What one execution works with: one value per slice, and loops. */
    private static final class Run {

        final SetLoops loops;
        final double[] norms;
        final double[] inverse;
        final double[] gain;
        final double[] dots;
        final double[] weight;

        Run(TensorSpec v, Slices slices) {
            loops = new SetLoops(v, slices);
            norms = new double[slices.count()];
            inverse = new double[slices.count()];
            gain = new double[slices.count()];
            dots = new double[slices.count()];
            weight = new double[slices.count()];
        }

        void invert(Tensor v) {
            loops.norms(2, v, norms);
            for (int i = 0; i < norms.length; i++) {
                inverse[i] = norms[i] == 0 ? 0 : 1 / norms[i];
            }
        }

        static void store(double[] values, Tensor to) {
            for (int i = 0; i < values.length; i++) {
                to.set(i, values[i]);
            }
        }
    }
}
