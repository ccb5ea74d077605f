package normkit.techniques;

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
 * Lp normalization: every vector along an axis is brought to length one, y = x/max(‖x‖<sub>p</sub>, ε), with
 * ‖x‖<sub>p</sub> = (Σ|x|<sup>p</sup>)<sup>1/p</sup>. For embeddings that are compared by cosine (p = 2), frequencies
 * and attention weights (p = 1), and peak normalization (p = ∞). Immutable and thread-safe.
 *
 * <p>Gradient: dx = (dy − s·Σdy·y)/‖x‖ with s = sign(x)·(|x|/‖x‖)<sup>p−1</sup>; for p = ∞, s is sign(x) divided by
 * their number at the largest |x|, 0 elsewhere. Where ‖x‖ is less than ε, ε is what x is divided by, and dx = dy/ε. A
 * vector of zeros comes out as zeros; with ε = 0 its gradient is 0 too.
 *
 * <p>Everything is computed in double and rounded once, sums in the order of memory, so results are the same bits on
 * every machine. Powers other than 1, 2 and ∞ are e<sup>p·ln|x|</sup> by {@link StrictMath}, which is slow.
 *
 * <p>Source: ONNX {@code LpNormalization} (p = 1 or 2, the last axis by default, zeros stay zeros: ε = 0); PyTorch's
 * {@code F.normalize} (any p, axis 1 by default, ε = 1e-12); scikit-learn's {@code normalize} (l1, l2, max).
 */
public final class LpNorm {

    private static final double DEFAULT_EPSILON = 1e-12;

    private final double p;
    private final int axis;
    private final double epsilon;

    private LpNorm(double p, int axis, double epsilon) {
        this.p = p;
        this.axis = axis;
        this.epsilon = epsilon;
    }

    /**
     * Describes Lp normalization over the last axis.
     *
     * @param p at least 1; {@link Double#POSITIVE_INFINITY} for the largest |x|
     * @return the description, with ε = 1e-12
     * @throws IllegalArgumentException if p is less than 1 or NaN
     */
    public static LpNorm of(double p) {
        if (!(p >= 1)) {
            throw new IllegalArgumentException("p is " + p + "; it must be at least 1");
        }
        return new LpNorm(p, -1, DEFAULT_EPSILON);
    }

    /**
     * Sets the axis vectors lie along.
     *
     * @param newAxis axis in memory order, −1 by default; negative ones count from the last, −1
     * @return a changed description
     */
    public LpNorm axis(int newAxis) {
        return new LpNorm(p, newAxis, epsilon);
    }

    /**
     * Sets ε, the least length x is divided by.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-12
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public LpNorm epsilon(double newEpsilon) {
        return new LpNorm(p, axis, Numbers.notNegative("epsilon", newEpsilon));
    }

    /**
     * Plans both directions.
     *
     * @param x spec of the input, of any layout
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no such axis
     */
    public Plan plan(TensorSpec x) {
        return new Plan(this, Objects.requireNonNull(x, "x"));
    }

    /** An Lp norm planned for one tensor spec. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final double p;
        private final double epsilon;
        private final TensorSpec spec;
        private final TensorSpec statistics;
        private final Scratch<Run> pool;

        private Plan(LpNorm norm, TensorSpec x) {
            Slices slices = Slices.along(x, Numbers.axis("axis", norm.axis, x));
            this.p = norm.p;
            this.epsilon = norm.epsilon;
            this.spec = x;
            this.statistics = TensorSpec.of(x.type(), Layout.ROWS, slices.count());
            this.pool = new Scratch<>(() -> new Run(x, slices));
        }

        /**
         * Returns the shape of the norms.
         *
         * @return spec in x's type: one element per vector, in the order of the other axes
         */
        public TensorSpec statisticsSpec() {
            return statistics;
        }

        /**
         * Computes the norms of the vectors.
         *
         * @param x input of the planned spec
         * @param norms receives them
         * @throws IllegalArgumentException if an argument has the wrong spec or they overlap
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void norms(Tensor x, Tensor norms) {
            Arguments.require("x", x, spec);
            Arguments.require("norms", norms, statistics);
            Arguments.output("norms", norms);
            Arguments.apart("norms", norms, "x", x);
            Run s = pool.take();
            s.loops.norms(p, x, s.norms);
            for (int i = 0; i < s.norms.length; i++) {
                norms.set(i, s.norms[i]);
            }
            pool.giveBack(s);
        }

        /**
         * Normalizes.
         *
         * @param x input of the planned spec
         * @param y output of x's spec; may be exactly x
         * @throws IllegalArgumentException if an argument has the wrong spec or they overlap otherwise
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor x, Tensor y) {
            Arguments.require("x", x, spec);
            Arguments.require("y", y, spec);
            Arguments.output("y", y);
            Arguments.apartOrSame("y", y, "x", x);
            Run s = pool.take();
            invert(s, x);
            s.loops.scale(x, s.inverse, y);
            pool.giveBack(s);
        }

        private void invert(Run s, Tensor x) {
            s.loops.norms(p, x, s.norms);
            for (int i = 0; i < s.norms.length; i++) {
                // A NaN is kept: it is not less than ε.
                double length = s.norms[i] < epsilon ? epsilon : s.norms[i];
                s.inverse[i] = length == 0 ? 0 : 1 / length;
            }
        }

        /**
         * Computes the gradient.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param dx receives the gradient of x; may be exactly x or dy
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dy, Tensor x, Tensor dx) {
            Arguments.require("dy", dy, spec);
            Arguments.require("x", x, spec);
            Arguments.require("dx", dx, spec);
            Arguments.output("dx", dx);
            Arguments.apartOrSame("dx", dx, "dy", dy);
            Arguments.apartOrSame("dx", dx, "x", x);
            Run s = pool.take();
            invert(s, x);
            s.loops.dots(dy, x, s.inverse, s.weight);
            for (int i = 0; i < s.norms.length; i++) {
                s.weight[i] = s.norms[i] < epsilon ? 0 : -s.weight[i] * s.inverse[i];
            }
            s.loops.lpGradient(p, dy, x, s.inverse, s.weight, s.norms, dx);
            pool.giveBack(s);
        }

        /** Ends the plan's life; executing it afterwards throws. */
        @Override
        public void close() {
            pool.close();
        }
    }

    /** What one execution works with: one value per vector, and loops. */
    private static final class Run {

        final SetLoops loops;
        final double[] norms;
        final double[] inverse;
        final double[] weight;

        Run(TensorSpec x, Slices slices) {
            loops = new SetLoops(x, slices);
            norms = new double[slices.count()];
            inverse = new double[slices.count()];
            weight = new double[slices.count()];
        }
    }
}
