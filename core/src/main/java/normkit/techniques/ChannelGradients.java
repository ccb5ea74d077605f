package normkit.techniques;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * The sums Σdy and Σdy·x̂ of every channel of a batch that may be spread over machines: what participants of {@link
 * SyncBatchNorm} send each other on the way back. They are the gradients of β and γ as well. Sums of the empty batch are 0.
 * Mutable, so that a training loop can reuse them, and not thread-safe.
 *
 * <p>Every participant has to merge in the same order, that of ranks, to get the same bits.
 */
public final class ChannelGradients {

    /** "NKCG". */
    private static final int MAGIC = 0x4e4b4347;

    final double[] sums;
    final double[] dots;

    private ChannelGradients(double[] sums, double[] dots) {
        this.sums = sums;
        this.dots = dots;
    }

    /**
     * Makes the sums of the empty batch.
     *
     * @param channels number of channels, at least 0
     * @return zeros
     * @throws IllegalArgumentException if the number is negative
     */
    public static ChannelGradients allocate(int channels) {
        if (channels < 0) {
            throw new IllegalArgumentException("channels is " + channels + "; it must be at least 0");
        }
        return new ChannelGradients(new double[channels], new double[channels]);
    }

    /** Makes these the sums of the empty batch again. */
    public void clear() {
        Arrays.fill(sums, 0);
        Arrays.fill(dots, 0);
    }

    void set(double[] newSums, double[] newDots) {
        System.arraycopy(newSums, 0, sums, 0, sums.length);
        System.arraycopy(newDots, 0, dots, 0, dots.length);
    }

    /**
     * Adds the sums of another part of the batch.
     *
     * @param other another part, of the same number of channels; may be empty
     * @throws IllegalArgumentException if the numbers of channels differ
     */
    public void merge(ChannelGradients other) {
        if (other.channels() != channels()) {
            throw new IllegalArgumentException(
                    "other has " + other.channels() + " channels; it must have " + channels() + ", as these have");
        }
        for (int c = 0; c < sums.length; c++) {
            sums[c] += other.sums[c];
            dots[c] += other.dots[c];
        }
    }

    /**
     * Returns the number of channels.
     *
     * @return the number
     */
    public int channels() {
        return sums.length;
    }

    /**
     * Returns Σdy of a channel, the gradient of β.
     *
     * @param channel 0 … channels − 1
     * @return the sum
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public double sum(int channel) {
        return sums[channel];
    }

    /**
     * Returns Σdy·x̂ of a channel, the gradient of γ.
     *
     * @param channel 0 … channels − 1
     * @return the sum
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public double dot(int channel) {
        return dots[channel];
    }

    /**
     * Writes the byte form, version 1, big-endian: "NKCG", the version in 2 bytes, the number of channels in 4, then all Σdy
     * and all Σdy·x̂ as IEEE doubles.
     *
     * @return 10 + 16·channels bytes
     */
    public byte[] toBytes() {
        ByteBuffer form = ChannelForm.write(MAGIC, channels(), Math.multiplyExact(2 * Double.BYTES, channels()));
        ChannelForm.put(form, sums);
        ChannelForm.put(form, dots);
        return form.array();
    }

    /**
     * Reads the byte form. Any number is valid: gradients may be NaN.
     *
     * @param bytes what {@link #toBytes} wrote
     * @return the sums
     * @throws IllegalArgumentException if the bytes are truncated, too long, or of another kind or version
     */
    public static ChannelGradients of(byte[] bytes) {
        ChannelForm.Reader reader =
                new ChannelForm.Reader("gradients", Objects.requireNonNull(bytes, "bytes"), MAGIC, 0, 2 * Double.BYTES);
        return new ChannelGradients(reader.values(), reader.values());
    }
}
