package normkit.techniques;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import normkit.PlanOptions;
import normkit.dispatch.Decision;
import normkit.dispatch.PlannedPass;
import normkit.dispatch.PlannedPasses;
import normkit.parts.Numbers;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Mean-variance normalization (MVN): y = (x − mean)/√(variance + ε), with mean and biased variance over any axes and no
 * parameters. A name for what layer, group, instance or batch norm without γ and β compute, one of which it becomes,
 * with its kernels and bits; for models that come from ONNX, Caffe or OpenVINO, and for standardizing pictures and
 * spectra. Immutable and thread-safe.
 *
 * <p>Values that are all equal come out as 0. A NaN or infinity makes its own set NaN. Gradient: dx = rstd·(dy −
 * mean(dy) − y·mean(dy·y)).
 *
 * <p>Source: ONNX {@code MeanVarianceNormalization} (over all axes but 1 by default) and Caffe's {@code MVN} (within
 * each channel by default), which add 1e-9 outside of the root; OpenVINO's {@code MVN-6} has ε inside, like this one,
 * or outside. The two differ by a factor of about 1 + 1e-9/σ.
 */
public final class MeanVarianceNorm {

    private static final double DEFAULT_EPSILON = 1e-9;

    /** Which axes of a spec are normalized over. */
    private interface Axes {
        boolean[] of(TensorSpec x);
    }

    private final Axes axes;
    private final double epsilon;

    private MeanVarianceNorm(Axes axes, double epsilon) {
        this.axes = axes;
        this.epsilon = epsilon;
    }

    /**
     * Describes normalization over some axes.
     *
     * @param axes at least one, each once, in memory order; negative ones count from the last, −1
     * @return the description, with ε = 1e-9
     * @throws IllegalArgumentException if there is no axis
     */
    public static MeanVarianceNorm over(int... axes) {
        if (axes.length == 0) {
            throw new IllegalArgumentException("axes is empty; there must be at least one");
        }
        int[] copy = axes.clone();
        return new MeanVarianceNorm(x -> named(x, copy), DEFAULT_EPSILON);
    }

    private static boolean[] named(TensorSpec x, int[] axes) {
        boolean[] reduced = new boolean[x.rank()];
        for (int axis : axes) {
            int index = Numbers.axis("axis", axis, x);
            if (reduced[index]) {
                throw new IllegalArgumentException(
                        "axes is " + Arrays.toString(axes) + ", where axis " + index + " is twice; it must be once");
            }
            reduced[index] = true;
        }
        return reduced;
    }

    /**
     * Describes normalization of each sample over its channels and places (Caffe's {@code across_channels}).
     *
     * @return the description, with ε = 1e-9
     */
    public static MeanVarianceNorm acrossChannels() {
        return new MeanVarianceNorm(x -> kept(x, 0, 0), DEFAULT_EPSILON);
    }

    /**
     * Describes normalization of each channel of each sample over its places.
     *
     * @return the description, with ε = 1e-9
     */
    public static MeanVarianceNorm withinChannel() {
        return new MeanVarianceNorm(x -> kept(x, 0, channelAxis(x)), DEFAULT_EPSILON);
    }

    /**
     * Describes normalization of each channel over samples and places, ONNX's default.
     *
     * @return the description, with ε = 1e-9
     */
    public static MeanVarianceNorm perChannel() {
        return new MeanVarianceNorm(x -> kept(x, channelAxis(x), channelAxis(x)), DEFAULT_EPSILON);
    }

    private static boolean[] kept(TensorSpec x, int first, int second) {
        boolean[] reduced = new boolean[x.rank()];
        Arrays.fill(reduced, true);
        reduced[first] = false;
        reduced[second] = false;
        return reduced;
    }

    private static int channelAxis(TensorSpec x) {
        return switch (x.layout()) {
            case CHANNELS_FIRST -> 1;
            case CHANNELS_LAST -> x.rank() - 1;
            case ROWS -> throw new IllegalArgumentException(
                    "x is " + x + "; it must be channels-first or channels-last, because channels are kept apart");
        };
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-9
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public MeanVarianceNorm epsilon(double newEpsilon) {
        return new MeanVarianceNorm(axes, Numbers.notNegative("epsilon", newEpsilon));
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
     * @throws IllegalArgumentException if x has no such axes, if axes that are normalized over and axes that are not alternate
     *         so often that no kernel fits, which needs two of each with the first normalized over, or no backend has
     *         the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        Objects.requireNonNull(x, "x");
        return new Plan(x, axes.of(x), epsilon, options);
    }

    /** A mean-variance norm planned for one tensor spec. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final TensorSpec spec;
        private final TensorSpec statistics;
        private final TensorSpec wide;
        private final PlannedPasses passes = new PlannedPasses();

        private Plan(TensorSpec x, boolean[] reduced, double epsilon, PlanOptions options) {
            this.spec = x;
            this.statistics = statistics(x, reduced);
            this.wide = statistics.as(DataType.F64);
            if (options.forward()) {
                passes.add(problem(Pass.FORWARD, x, reduced, epsilon), options.request());
            }
            if (options.backward()) {
                passes.add(problem(Pass.BACKWARD, x, reduced, epsilon), options.request());
            }
        }

        private static TensorSpec statistics(TensorSpec x, boolean[] reduced) {
            long[] kept = new long[x.rank()];
            int rank = 0;
            for (int i = 0; i < x.rank(); i++) {
                if (!reduced[i]) {
                    kept[rank++] = x.axis(i);
                }
            }
            return TensorSpec.of(x.type(), Layout.ROWS, rank == 0 ? new long[] {1} : Arrays.copyOf(kept, rank));
        }

        private static Problem problem(Pass pass, TensorSpec x, boolean[] reduced, double epsilon) {
            // Lengths of alternating axes, the first kept, each the product of neighbours of a kind; axes of one element
            // are of either kind.
            long[] lengths = {1, 1, 1, 1};
            int at = 0;
            for (int i = 0; i < x.rank(); i++) {
                if (x.axis(i) != 1 && reduced[i] != (at % 2 == 1)) {
                    at++;
                }
                if (at > 3) {
                    throw new IllegalArgumentException("x is " + x + ", normalized over " + text(reduced)
                            + "; axes normalized over and kept must not alternate that often: move those that are "
                            + "normalized over to the end");
                }
                lengths[at] *= x.axis(i);
            }
            return at <= 1 || x.elements() == 0
                    ? rows(pass, x, lengths, epsilon)
                    : alternating(pass, x, lengths, epsilon);
        }

        private static String text(boolean[] reduced) {
            StringBuilder text = new StringBuilder("axes");
            for (int i = 0; i < reduced.length; i++) {
                text.append(reduced[i] ? " " + i : "");
            }
            return text.toString();
        }

        /** Kept axes, then reduced ones; all of them where the tensor is empty. */
        private static Problem rows(Pass pass, TensorSpec x, long[] lengths, double epsilon) {
            TensorSpec rows = TensorSpec.of(x.type(), Layout.ROWS, lengths[0] * lengths[2], lengths[1] * lengths[3]);
            return new Problem(Operation.LAYER_NORM, pass, rows, 1, 0, false, false, epsilon);
        }

        /** Kept, reduced, kept and perhaps reduced: channels of a batch, or groups of the channels of a sample. */
        private static Problem alternating(Pass pass, TensorSpec x, long[] lengths, double epsilon) {
            if (lengths[0] == 1) {
                TensorSpec batch = TensorSpec.of(x.type(), Layout.CHANNELS_FIRST, lengths[1], lengths[2], lengths[3]);
                return new Problem(Operation.BATCH_NORM, pass, batch, 0, 0, false, false, epsilon);
            }
            TensorSpec samples =
                    TensorSpec.of(x.type(), Layout.CHANNELS_LAST, lengths[0], lengths[1], lengths[2] * lengths[3]);
            return new Problem(Operation.GROUP_NORM, pass, samples, 0, lengths[2], false, false, epsilon);
        }

        /**
         * Returns the shape of mean, variance and rstd.
         *
         * @return spec in x's type: the axes that are kept, one element if there are none; f64 is accepted as well
         */
        public TensorSpec statisticsSpec() {
            return statistics;
        }

        /**
         * Normalizes and saves the statistics for {@link #backward}.
         *
         * @param x input of the planned spec
         * @param y output of x's spec; may be exactly x
         * @param save tensors of {@link #statisticsSpec}, in x's type or f64, to fill; those that are null are not saved;
         *        perhaps {@link Statistics#NONE}
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor x, Tensor y, Statistics save) {
            PlannedPass forward = passes.get(Pass.FORWARD);
            Arguments.require("x", x, spec);
            Arguments.require("y", y, spec);
            Arguments.output("y", y);
            Arguments.apartOrSame("y", y, "x", x);
            Objects.requireNonNull(save, "save is null; it must be Statistics, perhaps Statistics.NONE");
            checkSaved("mean", save.mean(), x, y);
            checkSaved("variance", save.variance(), x, y);
            checkSaved("rstd", save.rstd(), x, y);
            Arguments.apart("mean", save.mean(), "variance", save.variance());
            Arguments.apart("mean", save.mean(), "rstd", save.rstd());
            Arguments.apart("variance", save.variance(), "rstd", save.rstd());
            forward.forward(x, null, null, save, y);
        }

        private void checkSaved(String name, Tensor tensor, Tensor x, Tensor y) {
            checkStatistic(name, tensor);
            Arguments.output(name, tensor);
            Arguments.apart(name, tensor, "x", x);
            Arguments.apart(name, tensor, "y", y);
        }

        private void checkStatistic(String name, Tensor tensor) {
            boolean isWide = tensor != null && tensor.spec().type() == DataType.F64;
            Arguments.optional(name, tensor, isWide ? wide : statistics);
        }

        /**
         * Computes the gradient.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param saved mean and rstd, or variance, of the forward pass
         * @param dx receives the gradient of x; may be exactly x or dy
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dy, Tensor x, Statistics saved, Tensor dx) {
            PlannedPass backward = passes.get(Pass.BACKWARD);
            Arguments.require("dy", dy, spec);
            Arguments.require("x", x, spec);
            Arguments.require("dx", dx, spec);
            Arguments.output("dx", dx);
            Arguments.apartOrSame("dx", dx, "dy", dy);
            Arguments.apartOrSame("dx", dx, "x", x);
            Objects.requireNonNull(saved, "saved is null; it must be the Statistics of the forward pass");
            checkGiven(saved, dx);
            backward.backward(dy, x, null, saved, dx, null, null);
        }

        private void checkGiven(Statistics saved, Tensor dx) {
            if (saved.mean() == null || saved.rstd() == null && saved.variance() == null) {
                throw new NullPointerException((saved.mean() == null ? "mean is" : "rstd and variance are")
                        + " null; mean and one of rstd and variance must be tensors of " + statistics);
            }
            checkStatistic("mean", saved.mean());
            checkStatistic("variance", saved.variance());
            checkStatistic("rstd", saved.rstd());
            Arguments.apart("dx", dx, "mean", saved.mean());
            Arguments.apart("dx", dx, "variance", saved.variance());
            Arguments.apart("dx", dx, "rstd", saved.rstd());
        }

        /**
         * Returns the decisions behind this plan, one per pass.
         *
         * @return an immutable list
         */
        public List<Decision> decisions() {
            return passes.decisions();
        }

        /**
         * Explains for every pass which backend was chosen and why.
         *
         * @return a few lines of plain text
         */
        public String explain() {
            return passes.explain();
        }

        /** Frees what the plan holds. */
        @Override
        public void close() {
            passes.close();
        }
    }
}
