package normkit;

import java.util.Objects;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The running mean and variance of a batch norm, owned by the caller, and how many batches they have seen. Starts at mean 0
 * and variance 1. Not thread-safe: one training step at a time.
 */
public final class RunningStatistics {

    private final Statistics statistics;
    private long batches;
    private Statistics batch;

    /**
     * Takes over existing tensors as they are.
     *
     * @param mean running mean, one per channel
     * @param variance running variance, one per channel
     * @param batches number of batches they have seen, at least 0
     * @throws IllegalArgumentException if the number is negative or the shapes differ
     * @throws NullPointerException if a tensor is null
     */
    public RunningStatistics(Tensor mean, Tensor variance, long batches) {
        Objects.requireNonNull(mean, "running mean is null; it must be a tensor of one element per channel");
        Objects.requireNonNull(variance, "running variance is null; it must be a tensor of one element per channel");
        if (batches < 0) {
            throw new IllegalArgumentException("batches is " + batches + "; it must be at least 0");
        }
        if (mean.spec().elements() != variance.spec().elements()) {
            throw new IllegalArgumentException(
                    "running variance is " + variance + "; it must be as long as the running mean, " + mean);
        }
        this.statistics = Statistics.meanAndVariance(mean, variance);
        this.batches = batches;
    }

    /**
     * Makes new running statistics on the heap: mean 0, variance 1, no batch seen.
     *
     * @param type element type
     * @param channels number of channels
     * @return the statistics
     */
    public static RunningStatistics allocate(DataType type, long channels) {
        TensorSpec spec = TensorSpec.of(type, Layout.ROWS, channels);
        Tensor variance = Tensor.allocate(spec);
        for (long i = 0; i < channels; i++) {
            variance.set(i, 1);
        }
        return new RunningStatistics(Tensor.allocate(spec), variance, 0);
    }

    /**
     * Returns running mean and variance, as {@link BatchNorm.Plan#infer} takes them.
     *
     * @return the tensors
     */
    public Statistics statistics() {
        return statistics;
    }

    /**
     * Returns how many batches have been taken in.
     *
     * @return the count
     */
    public long batches() {
        return batches;
    }

    /** Where the statistics of a batch go before they are taken in: kept, so that a training step allocates nothing. */
    Statistics batch() {
        if (batch == null) {
            TensorSpec spec = statistics.mean().spec().as(DataType.F64);
            batch = new Statistics(Tensor.allocate(spec), Tensor.allocate(spec), Tensor.allocate(spec));
        }
        return batch;
    }

    /** Takes in what is in {@link #batch}, over {@code count} values per channel. */
    void update(long count, Momentum momentum, BatchNorm.RunningVariance convention) {
        update(batch.mean().doubles(), batch.variance().doubles(), count, momentum, convention);
    }

    /**
     * Takes in the statistics of a batch and counts it: r ← (1 − w)·r + w·b.
     *
     * @param mean one mean per channel
     * @param variance one biased variance per channel; null leaves the running variance as it is
     * @param count number of values per channel behind them
     * @param momentum what w is
     * @param convention which variance is collected; the unbiased one of a single value is taken to be the biased one, 0
     * @throws IllegalArgumentException if there is not one value per channel; nothing is changed then
     */
    public void update(double[] mean, double[] variance, double count, Momentum momentum,
            BatchNorm.RunningVariance convention) {
        requireChannels("mean", mean.length);
        requireChannels("variance", variance == null ? mean.length : variance.length);
        batches++;
        double weight = momentum.weightOf(batches);
        double factor = convention == BatchNorm.RunningVariance.UNBIASED && count > 1 ? count / (count - 1) : 1;
        for (int c = 0; c < mean.length; c++) {
            blend(statistics.mean(), c, mean[c], weight);
            if (variance != null) {
                blend(statistics.variance(), c, variance[c] * factor, weight);
            }
        }
    }

    private void requireChannels(String name, int length) {
        long channels = statistics.mean().spec().elements();
        if (length != channels) {
            throw new IllegalArgumentException(
                    name + " has " + length + " values; it must have " + channels + ", one per channel");
        }
    }

    private static void blend(Tensor running, long c, double batch, double weight) {
        running.set(c, (1 - weight) * running.get(c) + weight * batch);
    }
}
