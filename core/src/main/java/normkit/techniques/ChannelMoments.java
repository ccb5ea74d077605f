package normkit.techniques;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Count, mean and biased variance of every channel of a batch that may be spread over machines: what participants of {@link
 * SyncBatchNorm} send each other. Those of the empty batch are neutral under {@link #merge}. Mutable, so that a training loop
 * can reuse them, and not thread-safe.
 *
 * <p>Merging is exact up to rounding, but its last bit depends on the order: every participant has to merge in the same
 * order, that of ranks, to get the same bits.
 *
 * <p>Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances", 1979.
 */
public final class ChannelMoments {

    /** "NKCM". */
    private static final int MAGIC = 0x4e4b434d;

    private long count;
    final double[] mean;
    final double[] variance;

    private ChannelMoments(long count, double[] mean, double[] variance) {
        this.count = count;
        this.mean = mean;
        this.variance = variance;
    }

    /**
     * Makes the moments of the empty batch.
     *
     * @param channels number of channels, at least 0
     * @return count, means and variances 0
     * @throws IllegalArgumentException if the number is negative
     */
    public static ChannelMoments allocate(int channels) {
        if (channels < 0) {
            throw new IllegalArgumentException("channels is " + channels + "; it must be at least 0");
        }
        return new ChannelMoments(0, new double[channels], new double[channels]);
    }

    /** Makes these the moments of the empty batch again. */
    public void clear() {
        count = 0;
        Arrays.fill(mean, 0);
        Arrays.fill(variance, 0);
    }

    /** Sets everything; without values, means and variances are 0. */
    void set(long newCount, double[] newMean, double[] newVariance) {
        count = newCount;
        System.arraycopy(newMean, 0, mean, 0, mean.length);
        System.arraycopy(newVariance, 0, variance, 0, variance.length);
    }

    /**
     * Adds the moments of another part of the batch: with n, n′ the counts, w = n′/(n + n′) and δ the difference of the
     * means, mean += δ·w and variance becomes (1 − w)·variance + w·variance′ + δ²·w·(1 − w).
     *
     * @param other another part, of the same number of channels; may be empty
     * @throws IllegalArgumentException if the numbers of channels differ
     * @throws ArithmeticException if there are more than 2⁶³ − 1 values
     */
    public void merge(ChannelMoments other) {
        if (other.channels() != channels()) {
            throw new IllegalArgumentException(
                    "other has " + other.channels() + " channels; it must have " + channels() + ", as these have");
        }
        if (other.count == 0) {
            return;
        }
        if (count == 0) {
            set(other.count, other.mean, other.variance);
            return;
        }
        long total = Math.addExact(count, other.count);
        double weight = (double) other.count / total;
        double rest = (double) count / total;
        for (int c = 0; c < mean.length; c++) {
            double delta = other.mean[c] - mean[c];
            mean[c] += delta * weight;
            variance[c] = rest * variance[c] + weight * other.variance[c] + delta * delta * (weight * rest);
        }
        count = total;
    }

    /**
     * Returns the number of channels.
     *
     * @return the number
     */
    public int channels() {
        return mean.length;
    }

    /**
     * Returns the number of values per channel.
     *
     * @return the count, 0 for the empty batch
     */
    public long count() {
        return count;
    }

    /**
     * Returns the mean of a channel.
     *
     * @param channel 0 … channels − 1
     * @return the mean, 0 for the empty batch
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public double mean(int channel) {
        return mean[channel];
    }

    /**
     * Returns the biased variance of a channel.
     *
     * @param channel 0 … channels − 1
     * @return the variance, 0 for the empty batch
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public double variance(int channel) {
        return variance[channel];
    }

    /**
     * Writes the byte form, version 1, big-endian: "NKCM", the version in 2 bytes, the number of channels in 4, the count in
     * 8, then all means and all biased variances as IEEE doubles. It is exact: the variance rather than M2 = count·variance
     * is sent, so that a batch in one part loses nothing.
     *
     * @return 18 + 16·channels bytes
     */
    public byte[] toBytes() {
        int doubles = Math.multiplyExact(2 * Double.BYTES, channels());
        ByteBuffer form = ChannelForm.write(MAGIC, channels(), Math.addExact(Long.BYTES, doubles)).putLong(count);
        ChannelForm.put(form, mean);
        ChannelForm.put(form, variance);
        return form.array();
    }

    /**
     * Reads the byte form. NaN is a valid mean and variance, that of data with a NaN or infinity.
     *
     * @param bytes what {@link #toBytes} wrote
     * @return the moments
     * @throws IllegalArgumentException if the bytes are truncated, too long, of another kind or version, the count is
     *         negative, a variance is negative, or the empty batch has a mean or variance other than 0
     */
    public static ChannelMoments of(byte[] bytes) {
        ChannelForm.Reader reader = new ChannelForm.Reader("moments", Objects.requireNonNull(bytes, "bytes"), MAGIC,
                Long.BYTES, 2 * Double.BYTES);
        ChannelMoments moments = new ChannelMoments(reader.getLong(), reader.values(), reader.values());
        if (moments.count < 0) {
            throw reader.invalid("count is " + moments.count + "; it must be at least 0");
        }
        for (int c = 0; c < moments.channels(); c++) {
            double mean = moments.mean[c];
            double variance = moments.variance[c];
            if (variance < 0) {
                throw reader.invalid("variance of channel " + c + " is " + variance + "; it must be at least 0");
            }
            if (moments.count == 0 && !(mean == 0 && variance == 0)) {
                throw reader.invalid("channel " + c + " has mean " + mean + " and variance " + variance
                        + "; both must be 0, as the count is");
            }
        }
        return moments;
    }
}
