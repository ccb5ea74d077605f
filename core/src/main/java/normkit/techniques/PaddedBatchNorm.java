package normkit.techniques;

import java.util.Objects;
import normkit.BatchNorm;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Batch norm of padded sequences: {@link BatchNorm} in which only valid positions count. With V the valid positions of all
 * samples, mean and variance of a channel are those of its |V| values at V, y = γ·(x − mean)·rstd + β at V and 0 elsewhere;
 * the same with dx, and dγ and dβ are sums over V. What x and dy hold in the padding has no influence, even NaN.
 *
 * <p>x is of shape (N, C, L) or (N, L, C); further spatial axes are taken together as one. Everything else, defaults too, is
 * as the batch norm that is given has it. Use it where sequences of different lengths share a batch, as in speech and time
 * series, and padding would pull the statistics towards its own value.
 *
 * <p>The result is, to the last bit, that of batch norm over a tensor of the valid positions alone, sample after sample: (1,
 * C, |V|), or (N, C, l) if all samples have l of them, so that without padding it is batch norm itself. The valid positions
 * are copied to such a tensor and back, which allocates it in every execution. Immutable and thread-safe.
 *
 * <p>Source: definition as Keras's {@code BatchNormalization} with a {@code mask}, which however also normalizes the padding.
 */
public final class PaddedBatchNorm {

    private final BatchNorm norm;

    private PaddedBatchNorm(BatchNorm norm) {
        this.norm = norm;
    }

    /**
     * Describes batch norm of padded sequences.
     *
     * @param norm the batch norm of what is valid
     * @return the description
     */
    public static PaddedBatchNorm of(BatchNorm norm) {
        return new PaddedBatchNorm(Objects.requireNonNull(norm, "norm"));
    }

    /**
     * Plans training, inference and both backward passes.
     *
     * @param x spec of the input, padding included
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis or fewer than 3 axes
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
     * @throws IllegalArgumentException if x has no channel axis or fewer than 3 axes
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(norm, x, Objects.requireNonNull(options, "options"));
    }

    /** A batch norm of padded sequences planned for one padded spec. */
    public static final class Plan extends PaddedPlan<BatchNorm.Plan> {

        private Plan(BatchNorm norm, TensorSpec x, PlanOptions options) {
            super(x, spec -> norm.plan(spec, options));
        }

        /**
         * Normalizes with the statistics of the valid positions, and makes padding 0.
         *
         * @param x input of the planned spec
         * @param valid which positions count
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param y output of x's spec; may be exactly x, for work in place
         * @param save tensors to fill for {@link #backward}; those that are null are not saved
         * @param running takes in the batch's statistics, unless no position is valid; null if there are none
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or there is one valid
         *         value per channel and the description rejects that
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void train(Tensor x, Positions valid, Tensor scale, Tensor shift, Tensor y, Statistics save,
                RunningStatistics running) {
            forward(x, valid, scale, shift, y, save, running,
                    (plan, packed) -> plan.train(packed, scale, shift, packed, save, running));
        }

        /**
         * Normalizes valid positions with given statistics, usually the running ones, and makes padding 0.
         *
         * @param x input of the planned spec
         * @param valid which positions are not padding
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param given mean and variance (or rstd) per channel
         * @param y output of x's spec; may be exactly x, for work in place
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void infer(Tensor x, Positions valid, Tensor scale, Tensor shift, Statistics given, Tensor y) {
            forward(x, valid, scale, shift, y, given, null,
                    (plan, packed) -> plan.infer(packed, scale, shift, given, packed));
        }

        private interface Forward {
            void run(BatchNorm.Plan plan, Tensor packed);
        }

        private void forward(Tensor x, Positions valid, Tensor scale, Tensor shift, Tensor y, Statistics statistics,
                RunningStatistics running, Forward run) {
            checkForward(x, valid, scale, shift, y);
            apart("y", y, statistics);
            apart("x", x, statistics);
            if (running != null) {
                apart("y", y, running.statistics());
                apart("x", x, running.statistics());
            }
            Packing packing = Packing.whole(x.spec(), valid);
            with(packing.spec(), plan -> {
                Tensor packed = packing.gather(x);
                run.run(plan, packed);
                packing.scatter(packed, y);
                return null;
            });
        }

        /**
         * Computes the gradients of {@link #train}; dx is 0 in the padding.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param valid which positions count, as in the forward pass
         * @param scale γ; null if and only if the description has none
         * @param saved mean and rstd (or variance) of the forward pass
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor x, Positions valid, Tensor scale, Statistics saved, Tensor dx,
                Tensor dscale, Tensor dshift) {
            backward(dy, x, valid, scale, saved, dx, dscale, dshift, (plan, packedDy, packedX, packedDx) -> plan
                    .backward(packedDy, packedX, scale, saved, packedDx, dscale, dshift));
        }

        /**
         * Computes the gradients of {@link #infer}, whose statistics are constants; dx is 0 in the padding.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param valid which positions are not padding, as in the forward pass
         * @param scale γ; null if and only if the description has none
         * @param given mean and variance (or rstd) per channel
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backwardFrozen(Tensor dy, Tensor x, Positions valid, Tensor scale, Statistics given, Tensor dx,
                Tensor dscale, Tensor dshift) {
            backward(dy, x, valid, scale, given, dx, dscale, dshift, (plan, packedDy, packedX, packedDx) -> plan
                    .backwardFrozen(packedDy, packedX, scale, given, packedDx, dscale, dshift));
        }

        private interface Backward {
            void run(BatchNorm.Plan plan, Tensor dy, Tensor x, Tensor dx);
        }

        private void backward(Tensor dy, Tensor x, Positions valid, Tensor scale, Statistics statistics, Tensor dx,
                Tensor dscale, Tensor dshift, Backward run) {
            checkBackward(dy, x, valid, scale, dx, dscale, dshift);
            apart("dx", dx, statistics);
            Packing packing = Packing.whole(x.spec(), valid);
            with(packing.spec(), plan -> {
                Tensor packedDy = packing.gather(dy);
                run.run(plan, packedDy, packing.gather(x), dx == null ? null : packedDy);
                if (dx != null) {
                    packing.scatter(packedDy, dx);
                }
                return null;
            });
        }
    }
}
