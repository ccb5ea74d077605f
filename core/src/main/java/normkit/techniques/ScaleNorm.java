package normkit.techniques;

import java.util.List;
import java.util.Objects;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.dispatch.Decision;
import normkit.parts.Numbers;
import normkit.parts.Scratch;
import normkit.tensor.Arguments;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * ScaleNorm: every row is brought to one learned length, y = g·x/√(‖x‖² + ε), with a single g for all rows and
 * elements. In place of layer norm in transformers, mostly for translation with little data; g starts at √d.
 * Immutable and thread-safe.
 *
 * <p>With d elements per row it is {@linkplain RmsNorm RMS norm} with γ = g/√d everywhere and ε/d, and runs on its
 * kernels. A row of zeros comes out as zeros.
 *
 * <p>Gradients: dx as RMS norm's, and dg = Σdy·x/√(‖x‖² + ε) over all rows.
 *
 * <p>Source: T. Q. Nguyen, J. Salazar, "Transformers without Tears: Improving the Normalization of Self-Attention",
 * arXiv 1910.05895. Their code divides by max(‖x‖, 1e-5) instead, as {@link LpNorm} does; ε is the square of that by
 * default, so that both agree up to rounding unless a row is almost 0.
 */
public final class ScaleNorm {

    private static final double DEFAULT_EPSILON = 1e-10;

    private final long[] normalizedShape;
    private final double epsilon;

    private ScaleNorm(long[] normalizedShape, double epsilon) {
        this.normalizedShape = normalizedShape;
        this.epsilon = epsilon;
    }

    /**
     * Describes ScaleNorm over the trailing axes of x that have this shape.
     *
     * @param normalizedShape lengths of the trailing axes, at least one axis, each at least 0
     * @return the description, with ε = 1e-10
     * @throws IllegalArgumentException if the shape is empty or an axis is negative
     */
    public static ScaleNorm over(long... normalizedShape) {
        RmsNorm.over(normalizedShape); // checks the shape
        return new ScaleNorm(normalizedShape.clone(), DEFAULT_EPSILON);
    }

    /**
     * Sets ε, which is added to the squared length inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-10
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public ScaleNorm epsilon(double newEpsilon) {
        return new ScaleNorm(normalizedShape, Numbers.notNegative("epsilon", newEpsilon));
    }

    /**
     * Plans both directions, the backend chosen by the planner.
     *
     * @param x spec of the input
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x does not fit the description
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param x spec of the input
     * @param options directions and backend
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x does not fit the description, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(this, Objects.requireNonNull(x, "x"), options);
    }

    /** A ScaleNorm planned for one tensor spec. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final TensorSpec length;
        private final double root;
        private final RmsNorm.Plan rms;
        private final Scratch<Run> pool;

        private Plan(ScaleNorm norm, TensorSpec x, PlanOptions options) {
            double d = 1;
            for (long axis : norm.normalizedShape) {
                d *= axis;
            }
            this.length = TensorSpec.of(x.type(), Layout.ROWS, 1);
            this.root = Math.sqrt(d);
            this.rms = RmsNorm.over(norm.normalizedShape).epsilon(d == 0 ? 0 : norm.epsilon / d).plan(x, options);
            this.pool = new Scratch<>(() -> new Run(rms.parameterSpec()));
        }

        /**
         * Returns the shape of g.
         *
         * @return spec of one element in x's type
         */
        public TensorSpec parameterSpec() {
            return length;
        }

        /**
         * Returns the shape of what {@link #forward} saves.
         *
         * @return one element per row, in x's type; f64 is accepted as well
         */
        public TensorSpec statisticsSpec() {
            return rms.statisticsSpec();
        }

        /**
         * Normalizes.
         *
         * @param x input of the planned spec
         * @param g length, of {@link #parameterSpec}
         * @param y output of x's spec; may be exactly x
         * @param save where rstd, √d/√(‖x‖² + ε) of each row, goes for {@link #backward}; {@link Statistics#NONE} if
         *        not wanted
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor x, Tensor g, Tensor y, Statistics save) {
            Arguments.require("g", g, length);
            Arguments.apart("y", y, "g", g);
            Objects.requireNonNull(save, "save is null; it must be Statistics, perhaps Statistics.NONE");
            Arguments.apart("rstd", save.rstd(), "g", g);
            Arguments.apart("variance", save.variance(), "g", g);
            Arguments.apart("mean", save.mean(), "g", g);
            Run s = pool.take();
            s.fill(g.get(0) / root);
            rms.forward(x, s.scale, null, y, save);
            pool.giveBack(s);
        }

        /**
         * Computes gradients.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param g length of the forward pass
         * @param saved rstd of the forward pass
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dg receives the gradient of g; null if not wanted
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dy, Tensor x, Tensor g, Statistics saved, Tensor dx, Tensor dg) {
            Arguments.require("g", g, length);
            Arguments.optional("dg", dg, length);
            Arguments.output("dg", dg);
            Arguments.apart("dx", dx, "g", g);
            Arguments.apart("dg", dg, "dy", dy);
            Arguments.apart("dg", dg, "x", x);
            Arguments.apart("dg", dg, "g", g);
            Objects.requireNonNull(saved, "saved is null; it must be the Statistics of the forward pass");
            Arguments.apart("dg", dg, "rstd", saved.rstd());
            Arguments.apart("dg", dg, "variance", saved.variance());
            Arguments.apart("dg", dg, "dx", dx);
            Run s = pool.take();
            s.fill(g.get(0) / root);
            rms.backward(dy, x, s.scale, saved, dx, dg == null ? null : s.dscale, null);
            if (dg != null) {
                dg.set(0, s.sum() / root);
            }
            pool.giveBack(s);
        }

        /**
         * Returns the decisions behind this plan, one per pass.
         *
         * @return an immutable list
         */
        public List<Decision> decisions() {
            return rms.decisions();
        }

        /**
         * Explains for every pass which backend was chosen and why.
         *
         * @return a few lines of plain text
         */
        public String explain() {
            return rms.explain();
        }

        /** Frees what the plan holds. */
        @Override
        public void close() {
            rms.close();
            pool.close();
        }
    }

    /** What one execution works with: a γ for RMS norm, and its gradient. */
    private static final class Run {

        final Tensor scale;
        final Tensor dscale;

        Run(TensorSpec parameters) {
            scale = Tensor.allocate(parameters);
            dscale = Tensor.allocate(parameters);
        }

        void fill(double value) {
            for (long i = 0; i < scale.spec().elements(); i++) {
                scale.set(i, value);
            }
        }

        double sum() {
            double sum = 0;
            for (long i = 0; i < dscale.spec().elements(); i++) {
                sum += dscale.get(i);
            }
            return sum;
        }
    }
}
