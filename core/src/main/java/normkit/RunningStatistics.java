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
        batches++;
        double weight = momentum.weightOf(batches);
        double factor = convention == BatchNorm.RunningVariance.UNBIASED && count > 1 ? count / (count - 1.0) : 1;
        for (long c = 0; c < batch.mean().spec().elements(); c++) {
            blend(statistics.mean(), c, batch.mean().get(c), weight);
            blend(statistics.variance(), c, batch.variance().get(c) * factor, weight);
        }
    }

    private static void blend(Tensor running, long c, double batch, double weight) {
        running.set(c, (1 - weight) * running.get(c) + weight * batch);
    }
}
