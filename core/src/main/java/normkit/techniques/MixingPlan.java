package normkit.techniques;

import java.util.Objects;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.techniques.MixingArguments.Names;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * What plans of techniques that mix the batch's statistics with those of samples have in common. x is channels-first or
 * channels-last of any rank from 2 on, f32 or f64, on the heap or native.
 *
 * <p>A NaN or infinity makes NaN what shares a statistic with it. Over an empty tensor, running statistics stay as they are
 * and gradients of parameters are 0. One value per statistic has variance 0.
 *
 * @param <P> the technique's parameters, and the gradients of these
 */
abstract class MixingPlan<P extends MixingParameters> extends InstancePlan<MixingRun<P>> {

    private final MixingSettings settings;
    private final boolean empty;
    private final TensorSpec parameters;
    private final TensorSpec wideParameters;
    private final long valuesPerChannel;

    MixingPlan(TensorSpec x, MixingSettings settings, PlanOptions options) {
        super(x, options);
        this.settings = settings;
        empty = x.elements() == 0;
        parameters = TensorSpec.of(x.type(), Layout.ROWS, x.channels());
        wideParameters = parameters.as(DataType.F64);
        valuesPerChannel = x.batch() * x.spatial();
    }

    /** Makes what one run needs. */
    abstract MixingRun<P> newRun(InstancePasses passes, int samples, int channels);

    /** Gathers the technique's own parameters. */
    abstract void own(MixingArguments arguments, P given);

    /** Gathers the gradients of the technique's own parameters. */
    abstract void ownGradients(MixingArguments arguments, P gradients);

    /** Called once, at the end of a subclass's constructor. */
    final void open() {
        open(this::newRun);
    }

    private MixingRun<P> newRun() {
        return newRun(passesOver(spec()), Math.toIntExact(spec().batch()), Math.toIntExact(spec().channels()));
    }

    /**
     * Returns the shape of γ, β and running statistics: one element per channel.
     *
     * @return spec in x's type; running statistics may be f64 as well
     */
    public final TensorSpec parameterSpec() {
        return parameters;
    }

    /**
     * Normalizes with statistics of x.
     *
     * @param x input of the planned spec
     * @param given the parameters
     * @param y output of x's spec; may be exactly x, for work in place
     * @param save mean and variance of {@link #statisticsSpec} to fill for {@link #backward}; those that are null are not
     *        saved
     * @param running takes in the batch's statistics; null if there are none
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void train(Tensor x, P given, Tensor y, Statistics save, RunningStatistics running) {
        MixingRun<P> run = take();
        gather(run.arguments, x, given, y);
        run.arguments.save(Names.OWN, save, statistics, wideStatistics);
        if (running != null) {
            run.arguments.save(Names.RUNNING, running.statistics(), parameters, wideParameters);
        }
        run.arguments.verify();
        if (!empty) {
            run.forward(x, given, null, y);
            if (running != null) {
                running.update(run.batch.mean, run.batch.variance, valuesPerChannel, settings.momentum(),
                        settings.runningVariance());
            }
        }
        store(run.mean.values, save.mean());
        store(run.variance.values, save.variance());
        giveBack(run);
    }

    private void gather(MixingArguments arguments, Tensor x, P given, Tensor y) {
        arguments.data("x", x, spec());
        parameters(arguments, given);
        arguments.result("y", y, spec());
    }

    private void parameters(MixingArguments arguments, P given) {
        Objects.requireNonNull(given, "parameters is null; it must be Parameters");
        arguments.parameter("scale", given.scale(), parameters, settings.scale());
        arguments.parameter("shift", given.shift(), parameters, settings.shift());
        own(arguments, given);
    }

    /**
     * Normalizes with given statistics, usually the running ones, in place of the batch's; those of samples are x's own.
     *
     * @param x input of the planned spec
     * @param given the parameters
     * @param running mean and variance per channel; see {@link RunningStatistics#statistics}
     * @param y output of x's spec; may be exactly x, for work in place
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void infer(Tensor x, P given, Statistics running, Tensor y) {
        MixingRun<P> run = take();
        gather(run.arguments, x, given, y);
        run.arguments.statistics(Names.RUNNING, running, parameters, wideParameters);
        run.arguments.verify();
        if (!empty) {
            run.forward(x, given, running, y);
        }
        giveBack(run);
    }

    /**
     * Computes the gradients of {@link #train}, through all statistics of x.
     *
     * @param dy gradient of y
     * @param x input of the forward pass
     * @param given the parameters
     * @param saved mean and variance that the forward pass saved
     * @param dx receives the gradient of x; null if not wanted; may be exactly x or dy, for work in place
     * @param gradients receive the gradients of the parameters, of their shapes; each null if not wanted, and if the
     *        description has no such parameter
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
     *         thread
     */
    public final void backward(Tensor dy, Tensor x, P given, Statistics saved, Tensor dx, P gradients) {
        MixingRun<P> run = take();
        run.arguments.data("dy", dy, spec());
        run.arguments.data("x", x, spec());
        parameters(run.arguments, given);
        run.arguments.statistics(Names.OWN, saved, statistics, wideStatistics);
        run.arguments.optionalResult("dx", dx, spec());
        Objects.requireNonNull(gradients, "gradients is null; it must be Parameters, perhaps of nulls");
        run.arguments.gradient("dscale", gradients.scale(), parameters, settings.scale());
        run.arguments.gradient("dshift", gradients.shift(), parameters, settings.shift());
        ownGradients(run.arguments, gradients);
        run.arguments.verify();
        if (empty) {
            run.storeGradients(gradients);
        } else {
            run.backward(dy, x, given, saved, dx, gradients);
        }
        giveBack(run);
    }
}
