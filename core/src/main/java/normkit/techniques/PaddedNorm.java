package normkit.techniques;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.SetwisePlan;
import normkit.tensor.Arguments;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Layer, RMS, instance and group norm of padded sequences, in which only valid positions count; {@link PaddedBatchNorm} is
 * the one of batch norm. x is of shape (N, C, L) or (N, L, C); further spatial axes are taken together as one.
 *
 * <table>
 * <caption>What shares a mean and variance</caption>
 * <tr><th>norm</th><th>values of a set</th></tr>
 * <tr><td>layer, RMS</td><td>the C channels of one valid position</td></tr>
 * <tr><td>instance</td><td>the valid positions of one sample and channel</td></tr>
 * <tr><td>group</td><td>the valid positions of one sample in the channels of one group</td></tr>
 * </table>
 *
 * At valid positions y is that of the norm over these values; at the others it is 0, and so is dx. dγ and dβ are sums over
 * valid positions. What x and dy hold in the padding has no influence, even NaN. γ, β and ε are as the norm that is given has
 * them; layer and RMS norm have to be over C, and work on (N, C, L) too. Use it for sequences of different lengths in one
 * batch, where padding must neither pull the statistics nor come out as β.
 *
 * <p>The result is, to the last bit, that of the norm over tensors of valid positions alone: the rows of all of them for layer
 * and RMS norm; (n, C, l) for the n samples that have l of them else, so that without padding it is the norm itself. Valid
 * positions are copied to such tensors and back, which allocates these in every execution. Immutable and thread-safe.
 */
public final class PaddedNorm {

    private final Maker maker;
    private final boolean rows;

    private interface Maker {
        SetwisePlan plan(TensorSpec x, PlanOptions options);
    }

    private PaddedNorm(Maker maker, boolean rows) {
        this.maker = maker;
        this.rows = rows;
    }

    /**
     * Describes layer norm of padded sequences.
     *
     * @param norm the layer norm of what is valid, over the channels
     * @return the description
     */
    public static PaddedNorm of(LayerNorm norm) {
        return new PaddedNorm(Objects.requireNonNull(norm, "norm")::plan, true);
    }

    /**
     * Describes RMS norm of padded sequences.
     *
     * @param norm the RMS norm of what is valid, over the channels
     * @return the description
     */
    public static PaddedNorm of(RmsNorm norm) {
        return new PaddedNorm(Objects.requireNonNull(norm, "norm")::plan, true);
    }

    /**
     * Describes instance norm of padded sequences.
     *
     * @param norm the instance norm of what is valid
     * @return the description
     */
    public static PaddedNorm of(InstanceNorm norm) {
        return new PaddedNorm(Objects.requireNonNull(norm, "norm")::plan, false);
    }

    /**
     * Describes group norm of padded sequences.
     *
     * @param norm the group norm of what is valid
     * @return the description
     */
    public static PaddedNorm of(GroupNorm norm) {
        return new PaddedNorm(Objects.requireNonNull(norm, "norm")::plan, false);
    }

    /**
     * Plans forward and backward.
     *
     * @param x spec of the input, padding included
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis or fewer than 3 axes, or the norm is not one of its channels
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param x spec of the input, padding included
     * @param options directions, backend and threads
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis or fewer than 3 axes, or the norm is not one of its
     *         channels, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(this, x, Objects.requireNonNull(options, "options"));
    }

    /**
     * What a forward pass saves for the backward pass: the statistics of every packed tensor, and which positions were valid.
     * Immutable.
     */
    public static final class Saved {

        private final TensorSpec x;
        private final boolean rows;
        private final Positions valid;
        private final List<Packing> packings;
        private final List<Statistics> statistics;

        private Saved(Plan plan, Positions valid, List<Packing> packings, List<Statistics> statistics) {
            this.x = plan.spec();
            this.rows = plan.rows;
            this.valid = valid;
            this.packings = packings;
            this.statistics = statistics;
        }

        /**
         * Returns which positions counted.
         *
         * @return those given to the forward pass
         */
        public Positions valid() {
            return valid;
        }
    }

    /** A norm of padded sequences planned for one padded spec. */
    public static final class Plan extends PaddedPlan<SetwisePlan> {

        private final boolean rows;
        private final TensorSpec parameters;

        private Plan(PaddedNorm norm, TensorSpec x, PlanOptions options) {
            super(x, spec -> norm.maker.plan(spec, options));
            this.rows = norm.rows;
            // Nothing valid is as good as anything to see whether the norm fits.
            Positions none = Positions.lengths(0);
            TensorSpec empty = rows ? Packing.rows(x, none).spec() : Packing.whole(x, none).spec();
            this.parameters = with(empty, SetwisePlan::parameterSpec);
        }

        /**
         * Returns the shape of γ and β.
         *
         * @return spec in x's type
         */
        public TensorSpec parameterSpec() {
            return parameters;
        }

        /**
         * Normalizes the valid positions, and makes padding 0.
         *
         * @param x input of the planned spec
         * @param valid which positions count
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param y output of x's spec; may be exactly x, for work in place
         * @return what {@link #backward} needs
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public Saved forward(Tensor x, Positions valid, Tensor scale, Tensor shift, Tensor y) {
            checkForward(x, valid, scale, shift, y);
            List<Packing> packings = packings(valid);
            List<Statistics> statistics = new ArrayList<>();
            for (Packing packing : packings) {
                Tensor packed = packing.gather(x);
                statistics.add(with(packing.spec(), plan -> forward(plan, packed, scale, shift)));
                packing.scatter(packed, y);
            }
            return new Saved(this, valid, packings, statistics);
        }

        private List<Packing> packings(Positions valid) {
            return rows ? List.of(Packing.rows(spec(), valid)) : Packing.bySample(spec(), valid);
        }

        private static Statistics forward(SetwisePlan plan, Tensor packed, Tensor scale, Tensor shift) {
            Statistics saved = Statistics.allocate(plan.statisticsSpec());
            plan.forward(packed, scale, shift, packed, saved);
            return saved;
        }

        /**
         * Computes the gradients; dx is 0 in the padding, and dγ and dβ are 0 if no position is valid.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param scale γ; null if and only if the description has none
         * @param saved what the forward pass returned
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or was saved by a plan for
         *         another spec or norm
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor x, Tensor scale, Saved saved, Tensor dx, Tensor dscale, Tensor dshift) {
            Objects.requireNonNull(saved, "saved is null; it must be Saved");
            if (!saved.x.equals(spec()) || saved.rows != rows) {
                throw new IllegalArgumentException(
                        "saved is of a " + saved.x + "; it must be of the same norm of " + spec());
            }
            checkBackward(dy, x, saved.valid, scale, dx, dscale, dshift);
            ParameterGradient toScale = new ParameterGradient("dscale", dscale, scale);
            ParameterGradient toShift = new ParameterGradient("dshift", dshift, scale);
            for (int i = 0; i < saved.packings.size(); i++) {
                Packing packing = saved.packings.get(i);
                Statistics statistics = saved.statistics.get(i);
                Tensor packedDy = packing.gather(dy);
                Tensor packedX = packing.gather(x);
                with(packing.spec(), plan -> {
                    plan.backward(packedDy, packedX, scale, statistics, dx == null ? null : packedDy, toScale.part,
                            toShift.part);
                    return null;
                });
                if (dx != null) {
                    packing.scatter(packedDy, dx);
                }
                toScale.add();
                toShift.add();
            }
            toScale.store();
            toShift.store();
        }

        /** The gradient of a parameter, summed over packed tensors. */
        private final class ParameterGradient {

            private final Tensor whole;
            private final Tensor part;
            private final double[] sums;

            ParameterGradient(String name, Tensor whole, Tensor scale) {
                Arguments.optional(name, whole, parameters);
                Arguments.output(name, whole);
                Arguments.apart(name, whole, "scale", scale);
                this.whole = whole;
                this.part = whole == null ? null : Tensor.allocate(parameters);
                this.sums = new double[whole == null ? 0 : (int) parameters.elements()];
            }

            void add() {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += part.get(i);
                }
            }

            void store() {
                ChannelScratch.store(sums, whole);
            }
        }
    }
}
