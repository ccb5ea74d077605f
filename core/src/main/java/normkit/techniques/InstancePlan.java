package normkit.techniques;

import normkit.PlanOptions;
import normkit.spi.Operation;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Plans of techniques whose sets are those of instance norm: one per sample and channel. */
abstract class InstancePlan<W> extends TechniquePlan<W> {

    final TensorSpec statistics;
    final TensorSpec wideStatistics;

    InstancePlan(TensorSpec x, PlanOptions options) {
        super(Operation.INSTANCE_NORM, x, 0, 0, options);
        statistics = TensorSpec.of(x.type(), Layout.ROWS, x.batch(), x.channels());
        wideStatistics = statistics.as(DataType.F64);
    }

    /** Makes passes over x, or over another tensor. */
    final InstancePasses passesOver(TensorSpec spec) {
        return new InstancePasses(passes(Operation.INSTANCE_NORM, spec, 0, 0));
    }

    /**
     * Returns the shape of saved means and variances: one element per sample and channel.
     *
     * @return spec in x's type; f64 is accepted as well, and keeps gradients accurate
     */
    public final TensorSpec statisticsSpec() {
        return statistics;
    }

    /**
     * Makes room on the heap for what a forward pass saves for the backward pass.
     *
     * @return mean and variance per sample and channel, in f64
     */
    public final Statistics newStatistics() {
        return Statistics.meanAndVariance(Tensor.allocate(wideStatistics), Tensor.allocate(wideStatistics));
    }

    /** Reads one number per set. */
    static void load(Tensor from, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = from.get(i);
        }
    }

    /** Stores one number per set, if it is wanted. */
    static void store(double[] from, Tensor to) {
        for (int i = 0; to != null && i < from.length; i++) {
            to.set(i, from[i]);
        }
    }
}
