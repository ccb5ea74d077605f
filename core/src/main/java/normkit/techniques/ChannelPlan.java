package normkit.techniques;

import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.spi.Operation;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Plans of techniques whose sets are the channels of a batch, as batch norm's are. */
abstract class ChannelPlan extends TechniquePlan<ChannelScratch> {

    private final ChannelSettings settings;
    private final TensorSpec parameters;
    private final TensorSpec wideParameters;

    ChannelPlan(TensorSpec x, ChannelSettings settings, PlanOptions options) {
        super(Operation.BATCH_NORM, x, 0, 0, options);
        this.settings = settings;
        this.parameters = TensorSpec.of(x.type(), Layout.ROWS, x.channels());
        this.wideParameters = parameters.as(DataType.F64);
        open(() -> new ChannelScratch(passes(Operation.BATCH_NORM, x, 0, 0)));
    }

    /**
     * Returns the shape of everything there is one of per channel, such as γ, β and running statistics.
     *
     * @return spec in x's type
     */
    public final TensorSpec parameterSpec() {
        return parameters;
    }

    final boolean isEmpty() {
        return spec().elements() == 0;
    }

    final void checkInput(Tensor x) {
        Arguments.require("x", x, spec());
    }

    final void checkGradientInputs(Tensor dy, Tensor x) {
        Arguments.require("dy", dy, spec());
        checkInput(x);
    }

    final void checkForward(Tensor x, Tensor scale, Tensor shift, Tensor y) {
        checkInput(x);
        Arguments.parameter("scale", scale, parameters, settings.scale());
        Arguments.parameter("shift", shift, parameters, settings.shift());
        Arguments.require("y", y, spec());
        Arguments.output("y", y);
        Arguments.apartOrSame("y", y, "x", x);
        Arguments.apart("y", y, "scale", scale);
        Arguments.apart("y", y, "shift", shift);
    }

    /** Checks running statistics that take in a batch, or null. */
    final void checkUpdate(RunningStatistics running, Tensor x, Tensor scale, Tensor shift, Tensor y) {
        if (running != null) {
            Tensor mean = running.statistics().mean();
            Tensor variance = running.statistics().variance();
            checkUpdate("running mean", mean, x, scale, shift, y);
            checkUpdate("running variance", variance, x, scale, shift, y);
            Arguments.apart("running mean", mean, "running variance", variance);
        }
    }

    private void checkUpdate(String name, Tensor tensor, Tensor x, Tensor scale, Tensor shift, Tensor y) {
        checkStatistic(name, tensor);
        Arguments.output(name, tensor);
        Arguments.apart(name, tensor, "x", x);
        Arguments.apart(name, tensor, "scale", scale);
        Arguments.apart(name, tensor, "shift", shift);
        Arguments.apart(name, tensor, "y", y);
    }

    /** Checks a statistic that is read while y is written. */
    final void checkGiven(String name, Tensor tensor, Tensor y) {
        checkStatistic(name, tensor);
        Arguments.apart("y", y, name, tensor);
    }

    private void checkStatistic(String name, Tensor tensor) {
        boolean wide = tensor != null && tensor.spec().type() == DataType.F64;
        Arguments.require(name, tensor, wide ? wideParameters : parameters);
    }

    final void checkBackward(Tensor dy, Tensor x, Tensor scale, Tensor dx, Tensor dscale, Tensor dshift) {
        checkGradientInputs(dy, x);
        Arguments.parameter("scale", scale, parameters, settings.scale());
        checkInputGradient(dy, x, scale, dx);
        checkParameterGradients(dscale, dshift);
        checkApart("dscale", dscale, dy, x, scale);
        checkApart("dshift", dshift, dy, x, scale);
        Arguments.apart("dscale", dscale, "dx", dx);
        Arguments.apart("dshift", dshift, "dx", dx);
    }

    private void checkInputGradient(Tensor dy, Tensor x, Tensor scale, Tensor dx) {
        Arguments.optional("dx", dx, spec());
        Arguments.output("dx", dx);
        Arguments.apartOrSame("dx", dx, "dy", dy);
        Arguments.apartOrSame("dx", dx, "x", x);
        Arguments.apart("dx", dx, "scale", scale);
    }

    final void checkParameterGradients(Tensor dscale, Tensor dshift) {
        Arguments.gradient("dscale", dscale, parameters, settings.scale());
        Arguments.gradient("dshift", dshift, parameters, settings.shift());
        Arguments.output("dscale", dscale);
        Arguments.output("dshift", dshift);
        Arguments.apart("dshift", dshift, "dscale", dscale);
    }

    private static void checkApart(String name, Tensor gradient, Tensor dy, Tensor x, Tensor scale) {
        Arguments.apart(name, gradient, "dy", dy);
        Arguments.apart(name, gradient, "x", x);
        Arguments.apart(name, gradient, "scale", scale);
    }

    /** Checks that there is as much saved as there are channels. */
    final void requireChannels(String name, int channels) {
        if (channels != parameters.elements()) {
            throw new IllegalArgumentException(name + " has " + channels + " channels; it must have "
                    + parameters.elements() + " for x of " + spec());
        }
    }
}
