package normkit;

import java.util.Objects;
import normkit.activation.Activation;
import normkit.dispatch.PlannedPass;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Arguments;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Batch normalization: every channel is brought to mean 0 and variance 1 over the batch and the spatial axes, then scaled and
 * shifted: y = γ·(x − mean)/√(variance + ε) + β. Training uses the batch's own mean and biased variance and takes them into
 * running statistics; inference uses the running ones. Works on channels-first and channels-last tensors of rank 2 and more.
 * Immutable and thread-safe.
 *
 * <p>A channel with variance 0 and ε = 0 comes out as β. A NaN or infinity makes its own channel NaN. An empty tensor leaves
 * running statistics as they are.
 *
 * <p>Source: S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
 * Shift", arXiv 1502.03167; semantics and defaults as PyTorch's {@code nn.BatchNorm2d}.
 */
public final class BatchNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    /** Which variance the running variance collects; what a batch itself is normalized with is always biased. */
    public enum RunningVariance {
        /** Divided by n − 1: the paper and PyTorch. */
        UNBIASED,
        /** Divided by n: ONNX, Keras and oneDNN. */
        BIASED
    }

    /** What training does with a single value per channel, which has no spread to normalize by. */
    public enum SingleValue {
        /** {@link Plan#train} throws, as PyTorch does. */
        REJECT,
        /** The variance is 0 and y is β; an unbiased running variance takes in 0. */
        ALLOW
    }

    private final Affine affine;
    private final double epsilon;
    private final Momentum momentum;
    private final RunningVariance runningVariance;
    private final SingleValue singleValue;

    private BatchNorm(Affine affine, double epsilon, Momentum momentum, RunningVariance runningVariance,
            SingleValue singleValue) {
        this.affine = affine;
        this.epsilon = epsilon;
        this.momentum = momentum;
        this.runningVariance = runningVariance;
        this.singleValue = singleValue;
    }

    /**
     * Describes batch normalization as PyTorch has it.
     *
     * @return the description, with γ, β, ε = 1e-5, momentum 0.1 for the new batch, unbiased running variance, and single
     *         values rejected
     */
    public static BatchNorm create() {
        return new BatchNorm(Affine.BOTH, DEFAULT_EPSILON, Momentum.DEFAULT, RunningVariance.UNBIASED,
                SingleValue.REJECT);
    }

    /**
     * Sets ε, which is added to the variance inside the root.
     *
     * @param newEpsilon ε, finite and at least 0; the default is 1e-5
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public BatchNorm epsilon(double newEpsilon) {
        if (!(newEpsilon >= 0 && newEpsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + newEpsilon + "; it must be finite and at least 0");
        }
        return new BatchNorm(affine, newEpsilon, momentum, runningVariance, singleValue);
    }

    /**
     * Sets how running statistics take in a batch.
     *
     * @param newMomentum the momentum
     * @return a changed description
     */
    public BatchNorm momentum(Momentum newMomentum) {
        return new BatchNorm(affine, epsilon, Objects.requireNonNull(newMomentum, "momentum"), runningVariance,
                singleValue);
    }

    /**
     * Sets which variance the running variance collects.
     *
     * @param convention biased or unbiased
     * @return a changed description
     */
    public BatchNorm runningVariance(RunningVariance convention) {
        return new BatchNorm(affine, epsilon, momentum, Objects.requireNonNull(convention, "convention"), singleValue);
    }

    /**
     * Sets what training does with a single value per channel.
     *
     * @param behaviour reject or allow
     * @return a changed description
     */
    public BatchNorm singleValue(SingleValue behaviour) {
        return new BatchNorm(affine, epsilon, momentum, runningVariance,
                Objects.requireNonNull(behaviour, "behaviour"));
    }

    /**
     * Leaves out γ.
     *
     * @return a changed description
     */
    public BatchNorm withoutScale() {
        return new BatchNorm(affine.withoutScale(), epsilon, momentum, runningVariance, singleValue);
    }

    /**
     * Leaves out β.
     *
     * @return a changed description
     */
    public BatchNorm withoutShift() {
        return new BatchNorm(affine.withoutShift(), epsilon, momentum, runningVariance, singleValue);
    }

    /**
     * Applies an activation to the output: y = activation(γ·x̂ + β), formed while it is in the cache. Backward then needs β,
     * if there is one.
     *
     * @param activation the activation
     * @return a changed description
     */
    public BatchNorm then(Activation activation) {
        return new BatchNorm(affine.then(activation), epsilon, momentum, runningVariance, singleValue);
    }

    /**
     * Applies an activation to the input: what is normalized is activation(x). Backward is given x itself.
     *
     * @param activation the activation
     * @return a changed description
     */
    public BatchNorm after(Activation activation) {
        return new BatchNorm(affine.after(activation), epsilon, momentum, runningVariance, singleValue);
    }

    /**
     * Plans training, inference and both backward passes, the backend chosen by the planner.
     *
     * @param x spec of the input
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis
     */
    public Plan plan(TensorSpec x) {
        return plan(x, PlanOptions.DEFAULT);
    }

    /**
     * Plans. Forward means training and inference, backward the gradients of both: all passes of a direction that is asked
     * for are decided and prepared here, so that no call plans anything, takes longer than later ones for it, or finds that
     * its pass cannot run. A backend that is forced has to support them all, and {@link normkit.dispatch.Effort#MEASURE}
     * measures each.
     *
     * @param x spec of the input
     * @param options directions and backend
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis, or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec x, PlanOptions options) {
        return new Plan(this, x, options);
    }

    /** A batch norm planned for one tensor spec. */
    public static final class Plan extends normkit.Plan {

        private final BatchNorm norm;
        private final TensorSpec x;

        private Plan(BatchNorm norm, TensorSpec x, PlanOptions options) {
            super(x, options);
            this.norm = norm;
            this.x = x;
            if (options.forward()) {
                add(norm.problem(Pass.FORWARD, x), options);
                add(norm.problem(Pass.INFERENCE, x), options);
            }
            if (options.backward()) {
                add(norm.problem(Pass.BACKWARD, x), options);
                add(norm.problem(Pass.FROZEN_BACKWARD, x), options);
            }
        }

        /**
         * Normalizes with the batch's own statistics.
         *
         * @param input x, of the planned spec
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param y output of x's spec; may be exactly x, for work in place
         * @param save tensors to fill for {@link #backward}; those that are null are not saved
         * @param running takes in the batch's statistics; null if there are none
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or there is one value per
         *         channel and the description rejects that
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void train(Tensor input, Tensor scale, Tensor shift, Tensor y, Statistics save,
                RunningStatistics running) {
            PlannedPass forward = planned(Pass.FORWARD);
            rejectSingleValue();
            checkForward(forward, input, scale, shift, save, y);
            if (running == null) {
                forward.forward(input, null, null, scale, shift, save, y);
                return;
            }
            checkRunning(forward, running, input, scale, shift, save, y);
            Statistics batch = running.batch();
            forward.forward(input, null, null, scale, shift, batch, y);
            copy(batch.mean(), save.mean());
            copy(batch.variance(), save.variance());
            copy(batch.rstd(), save.rstd());
            if (x.elements() > 0) {
                running.update(count(), norm.momentum, norm.runningVariance);
            }
        }

        private static void copy(Tensor from, Tensor to) {
            if (to != null) {
                for (long c = 0; c < from.spec().elements(); c++) {
                    to.set(c, from.get(c));
                }
            }
        }

        private long count() {
            return x.channels() == 0 ? 0 : x.elements() / x.channels();
        }

        private void rejectSingleValue() {
            if (count() == 1 && norm.singleValue == SingleValue.REJECT) {
                throw new IllegalArgumentException("x is " + x
                        + ", which has one value per channel; training needs more, or " + "SingleValue.ALLOW");
            }
        }

        private static void checkRunning(PlannedPass forward, RunningStatistics running, Tensor input, Tensor scale,
                Tensor shift, Statistics save, Tensor y) {
            Tensor mean = running.statistics().mean();
            Tensor variance = running.statistics().variance();
            checkRunning(forward, "running mean", mean, input, scale, shift, save, y);
            checkRunning(forward, "running variance", variance, input, scale, shift, save, y);
            Arguments.apart("running mean", mean, "running variance", variance);
        }

        private static void checkRunning(PlannedPass forward, String name, Tensor tensor, Tensor input, Tensor scale,
                Tensor shift, Statistics save, Tensor y) {
            checkStatistic(name, tensor, forward);
            Arguments.output(name, tensor);
            Arguments.apart(name, tensor, "x", input);
            Arguments.apart(name, tensor, "scale", scale);
            Arguments.apart(name, tensor, "shift", shift);
            Arguments.apart(name, tensor, "y", y);
            Arguments.apart(name, tensor, "mean", save.mean());
            Arguments.apart(name, tensor, "variance", save.variance());
            Arguments.apart(name, tensor, "rstd", save.rstd());
        }

        /**
         * Normalizes with given statistics, usually the running ones.
         *
         * @param input x, of the planned spec
         * @param scale γ, one per channel; null if and only if the description has none
         * @param shift β, one per channel; null if and only if the description has none
         * @param given mean and variance (or rstd) per channel
         * @param y output of x's spec; may be exactly x, for work in place
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void infer(Tensor input, Tensor scale, Tensor shift, Statistics given, Tensor y) {
            runForward(Pass.INFERENCE, input, scale, shift, given, y);
        }

        /**
         * Computes the gradients of {@link #train}: dx = γ·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)), dγ = Σ dy·x̂, dβ = Σ dy.
         *
         * @param dy gradient of y
         * @param input x of the forward pass
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
        public void backward(Tensor dy, Tensor input, Tensor scale, Statistics saved, Tensor dx, Tensor dscale,
                Tensor dshift) {
            runBackward(Pass.BACKWARD, dy, null, input, scale, null, saved, dx, dscale, dshift);
        }

        /**
         * Computes the gradients of {@link #train} through an activation: with dz = dy·activation′(γ·x̂ + β) in place of dy.
         *
         * @param dy gradient of y
         * @param input x of the forward pass
         * @param scale γ; null if and only if the description has none
         * @param shift β; null if the description has none
         * @param saved mean and rstd (or variance) of the forward pass
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor input, Tensor scale, Tensor shift, Statistics saved, Tensor dx,
                Tensor dscale, Tensor dshift) {
            runBackward(Pass.BACKWARD, dy, null, input, scale, shift, saved, dx, dscale, dshift);
        }

        /**
         * Computes the gradients of {@link #infer}, whose statistics are constants: dx = γ·rstd·dy, dγ = Σ dy·x̂, dβ = Σ dy.
         *
         * @param dy gradient of y
         * @param input x of the forward pass
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
        public void backwardFrozen(Tensor dy, Tensor input, Tensor scale, Statistics given, Tensor dx, Tensor dscale,
                Tensor dshift) {
            runBackward(Pass.FROZEN_BACKWARD, dy, null, input, scale, null, given, dx, dscale, dshift);
        }

        /**
         * Computes the gradients of {@link #infer} through an activation: with dz = dy·activation′(γ·x̂ + β) in place of dy.
         *
         * @param dy gradient of y
         * @param input x of the forward pass
         * @param scale γ; null if and only if the description has none
         * @param shift β; null if the description has none
         * @param given mean and variance (or rstd) per channel
         * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy
         * @param dscale receives the gradient of γ; null if not wanted, and if the description has no γ
         * @param dshift receives the gradient of β; null if not wanted, and if the description has no β
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backwardFrozen(Tensor dy, Tensor input, Tensor scale, Tensor shift, Statistics given, Tensor dx,
                Tensor dscale, Tensor dshift) {
            runBackward(Pass.FROZEN_BACKWARD, dy, null, input, scale, shift, given, dx, dscale, dshift);
        }
    }

    private Problem problem(Pass pass, TensorSpec x) {
        return new Problem(Operation.BATCH_NORM, pass, x, 0, 0, affine.scale(), affine.shift(), epsilon,
                affine.fusion());
    }
}
