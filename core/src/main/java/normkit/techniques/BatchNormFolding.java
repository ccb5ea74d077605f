package normkit.techniques;

import java.util.List;
import java.util.Objects;
import normkit.BatchNorm;
import normkit.PlanOptions;
import normkit.moments.Normalization;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Folding of a batch norm into the convolution or linear layer before it, for inference, where its statistics are constants:
 * with rstd = 1/√(variance + ε), per output channel
 *
 * <pre>
 * W′ = W·γ·rstd    b′ = (b − mean)·γ·rstd + β
 * </pre>
 *
 * gives a layer that computes both at the cost of one. W may have any shape; one of its axes is that of the output channels:
 *
 * <table>
 * <caption>Axis of the output channels</caption>
 * <tr><th>layer</th><th>shape of W</th><th>axis</th><th>groups</th></tr>
 * <tr><td>linear</td><td>(O, I)</td><td>0</td><td>1</td></tr>
 * <tr><td>convolution of any rank and number of groups</td><td>(O, I/g, kh, kw…)</td><td>0</td><td>1</td></tr>
 * <tr><td>convolution as in Keras</td><td>(kh, kw…, I/g, O)</td><td>the last</td><td>1</td></tr>
 * <tr><td>transposed convolution</td><td>(I, O/g, kh, kw…)</td><td>1</td><td>g</td></tr>
 * </table>
 *
 * Each element is computed in f64 and rounded once. A layer after folding differs from the two in rounding only, but where
 * γ·rstd of a channel is very large, rounding is too: {@link #check} tells by how much. Use it before deploying a network whose
 * layers have nothing, in particular no activation, between the two. Not for training. Immutable and thread-safe.
 *
 * <p>Source: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
 * arXiv 1712.05877, section 3.2.
 */
public final class BatchNormFolding {

    private final double epsilon;
    private final Statistics statistics;
    private final Tensor scale;
    private final Tensor shift;
    private final double[] factor;

    private BatchNormFolding(double epsilon, Statistics statistics, Tensor scale, Tensor shift) {
        this.epsilon = epsilon;
        this.statistics = statistics;
        this.scale = scale;
        this.shift = shift;
        this.factor = new double[(int) statistics.mean().spec().elements()];
        for (int c = 0; c < factor.length; c++) {
            double rstd = statistics.rstd() != null
                    ? statistics.rstd().get(c)
                    : Normalization.rstd(statistics.variance().get(c), epsilon);
            factor[c] = rstd * (scale == null ? 1 : scale.get(c));
        }
    }

    /**
     * Takes over a batch norm; everything is copied.
     *
     * @param epsilon ε, finite and at least 0; not used where rstd is given
     * @param given mean and variance (or rstd) per channel, usually the running ones
     * @param scale γ, one per channel; null if there is none
     * @param shift β, one per channel; null if there is none
     * @return the folding
     * @throws IllegalArgumentException if ε is out of range or the tensors are not equally long
     * @throws NullPointerException if there is no mean, or neither variance nor rstd
     * @throws IllegalStateException if the arena of an argument is closed or belongs to another thread
     */
    public static BatchNormFolding of(double epsilon, Statistics given, Tensor scale, Tensor shift) {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + "; it must be finite and at least 0");
        }
        Objects.requireNonNull(given, "given is null; it must be Statistics");
        Tensor mean = Objects.requireNonNull(given.mean(), "mean is null; it must be a tensor");
        if (given.rstd() == null) {
            Objects.requireNonNull(given.variance(), "rstd and variance are null; one must be a tensor");
        }
        long channels = mean.spec().elements();
        return new BatchNormFolding(epsilon,
                new Statistics(copy("mean", mean, channels), copy("variance", given.variance(), channels),
                        copy("rstd", given.rstd(), channels)),
                copy("scale", scale, channels), copy("shift", shift, channels));
    }

    private static Tensor copy(String name, Tensor tensor, long channels) {
        if (tensor == null) {
            return null;
        }
        Arguments.require(name, tensor, TensorSpec.of(tensor.spec().type(), Layout.ROWS, channels));
        return converted(tensor, tensor.spec());
    }

    private static Tensor converted(Tensor tensor, TensorSpec spec) {
        if (tensor == null) {
            return null;
        }
        Tensor copy = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            copy.set(i, tensor.get(i));
        }
        return copy;
    }

    /**
     * Folds into a layer whose output channels are one axis of its weights.
     *
     * @param weight W, of any shape and layout
     * @param outputAxis which axis of W is that of the output channels, the first being 0
     * @param bias b, one per output channel, of W's type; null if the layer has none
     * @param foldedWeight receives W′, of W's spec; may be exactly W, for work in place
     * @param foldedBias receives b′, one per output channel, of W's type; may be exactly b
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or W's axis does not have one
     *         output per channel
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the arena of an argument is closed or belongs to another thread
     */
    public void fold(Tensor weight, int outputAxis, Tensor bias, Tensor foldedWeight, Tensor foldedBias) {
        fold(weight, outputAxis, 1, bias, foldedWeight, foldedBias);
    }

    /**
     * Folds into a layer whose weights have the outputs of each group along one axis, and the inputs of all groups along the
     * first: a transposed convolution in groups.
     *
     * @param weight W, of any shape and layout
     * @param outputAxis which axis of W is that of a group's output channels, the first being 0
     * @param groups number of groups; if it is not 1, axis 0 is that of the inputs and a multiple of it
     * @param bias b, one per output channel, of W's type; null if the layer has none
     * @param foldedWeight receives W′, of W's spec; may be exactly W, for work in place
     * @param foldedBias receives b′, one per output channel, of W's type; may be exactly b
     * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another, or W's axis does not have one
     *         output per channel
     * @throws NullPointerException if an argument that must be there is null
     * @throws IllegalStateException if the arena of an argument is closed or belongs to another thread
     */
    public void fold(Tensor weight, int outputAxis, int groups, Tensor bias, Tensor foldedWeight, Tensor foldedBias) {
        TensorSpec spec = Objects.requireNonNull(weight, "weight is null; it must be a tensor").spec();
        Arguments.require("weight", weight, spec);
        requireOutputs(spec, outputAxis, groups);
        TensorSpec biasSpec = TensorSpec.of(spec.type(), Layout.ROWS, factor.length);
        Arguments.optional("bias", bias, biasSpec);
        Arguments.require("folded weight", foldedWeight, spec);
        Arguments.require("folded bias", foldedBias, biasSpec);
        Arguments.output("folded weight", foldedWeight);
        Arguments.output("folded bias", foldedBias);
        Arguments.apartOrSame("folded weight", foldedWeight, "weight", weight);
        Arguments.apart("folded weight", foldedWeight, "bias", bias);
        Arguments.apartOrSame("folded bias", foldedBias, "bias", bias);
        Arguments.apart("folded bias", foldedBias, "weight", weight);
        Arguments.apart("folded bias", foldedBias, "folded weight", foldedWeight);
        foldWeight(weight, outputAxis, groups, foldedWeight);
        foldBias(bias, foldedBias);
    }

    private void requireOutputs(TensorSpec weight, int outputAxis, int groups) {
        if (outputAxis < 0 || outputAxis >= weight.rank()) {
            throw new IllegalArgumentException("output axis is " + outputAxis + "; it must be 0 to "
                    + (weight.rank() - 1) + " for weights of " + weight);
        }
        if (groups < 1 || groups > 1 && (outputAxis == 0 || weight.axis(0) % groups != 0)) {
            throw new IllegalArgumentException("groups is " + groups + "; it must be 1, or divide axis 0, which is not "
                    + "that of the outputs, of weights of " + weight);
        }
        if (weight.axis(outputAxis) * groups != factor.length) {
            throw new IllegalArgumentException("weight is " + weight + ", which has " + groups + " times "
                    + weight.axis(outputAxis) + " outputs along axis " + outputAxis + "; it must have " + factor.length
                    + ", one per channel of the batch norm");
        }
    }

    private void foldWeight(Tensor weight, int outputAxis, int groups, Tensor folded) {
        TensorSpec spec = weight.spec();
        int outputs = (int) spec.axis(outputAxis);
        long inner = spec.product(outputAxis + 1, spec.rank());
        long perGroup = spec.elements() / groups;
        for (long i = 0; i < spec.elements(); i++) {
            int channel = (int) (i / perGroup) * outputs + (int) (i / inner % outputs);
            folded.set(i, weight.get(i) * factor[channel]);
        }
    }

    private void foldBias(Tensor bias, Tensor folded) {
        for (int c = 0; c < factor.length; c++) {
            double centred = (bias == null ? 0 : bias.get(c)) - statistics.mean().get(c);
            folded.set(c, centred * factor[c] + (shift == null ? 0 : shift.get(c)));
        }
    }

    /** A layer whose parameters can be exchanged, as {@link #check} needs it. */
    @FunctionalInterface
    public interface Layer {

        /**
         * Computes the layer.
         *
         * @param weight weights
         * @param bias one per output channel; null if there is none
         * @param input a probe
         * @return the output, a tensor with a channel axis, which is that of the outputs
         */
        Tensor apply(Tensor weight, Tensor bias, Tensor input);
    }

    /**
     * How far a folded layer is from the layer and the batch norm after it.
     *
     * @param absolute largest difference of an output; infinite if only one of two is NaN
     * @param magnitude largest absolute output of the batch norm
     * @param probe which probe has the largest difference, the first being 0; −1 if none has any
     * @param index which element of its output
     */
    public record Difference(double absolute, double magnitude, int probe, long index) {

        /**
         * Relates the difference to the outputs.
         *
         * @return absolute / magnitude, 0 if there is no difference
         */
        public double relative() {
            return absolute == 0 ? 0 : absolute / magnitude;
        }
    }

    /**
     * Goes the other way to check: computes the layer with the folded parameters, and the layer followed by {@link
     * BatchNorm.Plan#infer}, on probes, and compares.
     *
     * @param layer the layer
     * @param weight W before folding
     * @param bias b before folding; null if there is none
     * @param foldedWeight W′
     * @param foldedBias b′
     * @param probes inputs of the layer
     * @return the largest difference
     * @throws IllegalArgumentException if an output of the layer does not have a channel axis with the batch norm's channels,
     *         or two outputs of one probe have different specs
     * @throws NullPointerException if an argument that must be there is null
     */
    public Difference check(Layer layer, Tensor weight, Tensor bias, Tensor foldedWeight, Tensor foldedBias,
            List<Tensor> probes) {
        Objects.requireNonNull(layer, "layer");
        Difference worst = new Difference(0, 0, -1, 0);
        for (int probe = 0; probe < probes.size(); probe++) {
            Tensor expected = normalize(layer.apply(weight, bias, probes.get(probe)));
            Tensor actual = layer.apply(foldedWeight, foldedBias, probes.get(probe));
            Arguments.require("output of the folded layer", actual, expected.spec());
            worst = compare(worst, expected, actual, probe);
        }
        return worst;
    }

    private Tensor normalize(Tensor output) {
        TensorSpec spec = Objects.requireNonNull(output, "output of the layer is null; it must be a tensor").spec();
        BatchNorm norm = BatchNorm.create().epsilon(epsilon);
        norm = scale == null ? norm.withoutScale() : norm;
        norm = shift == null ? norm.withoutShift() : norm;
        Tensor y = Tensor.allocate(spec);
        try (BatchNorm.Plan plan = norm.plan(spec, PlanOptions.DEFAULT.forwardOnly().exact())) {
            TensorSpec parameters = plan.parameterSpec();
            requireChannels(spec, parameters);
            plan.infer(output, converted(scale, parameters), converted(shift, parameters), wideStatistics(parameters),
                    y);
        }
        return y;
    }

    private void requireChannels(TensorSpec output, TensorSpec parameters) {
        if (parameters.elements() != factor.length) {
            throw new IllegalArgumentException("output of the layer is " + output + "; it must have " + factor.length
                    + " channels, as the batch norm has");
        }
    }

    /** In f64, which goes with an output of any type. */
    private Statistics wideStatistics(TensorSpec parameters) {
        TensorSpec wide = parameters.as(DataType.F64);
        return new Statistics(converted(statistics.mean(), wide), converted(statistics.variance(), wide),
                converted(statistics.rstd(), wide));
    }

    private static Difference compare(Difference worst, Tensor expected, Tensor actual, int probe) {
        Difference result = worst;
        for (long i = 0; i < expected.spec().elements(); i++) {
            double e = expected.get(i);
            double difference = difference(e, actual.get(i));
            double magnitude = Math.max(result.magnitude, Double.isNaN(e) ? 0 : Math.abs(e));
            if (difference > result.absolute) {
                result = new Difference(difference, magnitude, probe, i);
            } else if (magnitude > result.magnitude) {
                result = new Difference(result.absolute, magnitude, result.probe, result.index);
            }
        }
        return result;
    }

    private static double difference(double expected, double actual) {
        if (expected == actual || Double.isNaN(expected) && Double.isNaN(actual)) {
            return 0;
        }
        double difference = Math.abs(expected - actual);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }
}
