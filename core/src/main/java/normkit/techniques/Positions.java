package normkit.techniques;

import java.util.Arrays;

/**
 * Which positions of a padded batch of sequences are valid; the others are padding. Immutable and thread-safe.
 *
 * <p>It is kept as runs of consecutive valid positions: one per sample for lengths, as many as there are for a mask.
 */
public final class Positions {

    private final int length;
    /** For every sample the first position and the end of each run, in order. */
    private final int[][] runs;
    private final int[] counts;
    private final long total;

    private Positions(int length, int[][] runs) {
        this.length = length;
        this.runs = runs;
        this.counts = new int[runs.length];
        long sum = 0;
        for (int n = 0; n < runs.length; n++) {
            for (int r = 0; r < runs[n].length; r += 2) {
                counts[n] += runs[n][r + 1] - runs[n][r];
            }
            sum += counts[n];
        }
        this.total = sum;
    }

    /**
     * The first positions of every sample are valid.
     *
     * @param length padded length, at least 0
     * @param lengths how many are valid, one number per sample, 0 … length
     * @return the positions
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Positions lengths(int length, int... lengths) {
        if (length < 0) {
            throw new IllegalArgumentException("length is " + length + "; it must be at least 0");
        }
        int[][] runs = new int[lengths.length][];
        for (int n = 0; n < lengths.length; n++) {
            if (lengths[n] < 0 || lengths[n] > length) {
                throw new IllegalArgumentException(
                        "length of sample " + n + " is " + lengths[n] + "; it must be 0 to " + length);
            }
            runs[n] = lengths[n] == 0 ? new int[0] : new int[] {0, lengths[n]};
        }
        return new Positions(length, runs);
    }

    /**
     * The positions where a mask is true are valid.
     *
     * @param mask by sample and position; every sample has the same padded length
     * @return the positions
     * @throws IllegalArgumentException if the samples' lengths differ
     * @throws NullPointerException if the mask of a sample is null
     */
    public static Positions mask(boolean[]... mask) {
        int length = mask.length == 0 ? 0 : mask[0].length;
        int[][] runs = new int[mask.length][];
        for (int n = 0; n < mask.length; n++) {
            if (mask[n].length != length) {
                throw new IllegalArgumentException("mask of sample " + n + " has " + mask[n].length
                        + " positions; it must have " + length + ", as that of sample 0");
            }
            runs[n] = runs(mask[n]);
        }
        return new Positions(length, runs);
    }

    private static int[] runs(boolean[] mask) {
        int[] ends = new int[mask.length + 1];
        int count = 0;
        boolean before = false;
        for (int p = 0; p < mask.length; p++) {
            if (mask[p] != before) {
                ends[count++] = p;
                before = mask[p];
            }
        }
        if (before) {
            ends[count++] = mask.length;
        }
        return Arrays.copyOf(ends, count);
    }

    /**
     * Returns the number of samples.
     *
     * @return the number
     */
    public int samples() {
        return runs.length;
    }

    /**
     * Returns the padded length.
     *
     * @return positions per sample, valid or not
     */
    public int length() {
        return length;
    }

    /**
     * Returns how many positions of a sample are valid.
     *
     * @param sample 0 … samples − 1
     * @return the number
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    public int count(int sample) {
        return counts[sample];
    }

    /**
     * Returns how many positions are valid in all.
     *
     * @return the number
     */
    public long total() {
        return total;
    }

    /** First position and end of each run of a sample; not to be changed. */
    int[] runs(int sample) {
        return runs[sample];
    }

    /** Returns for example {@code 70 valid of 4x25}. */
    @Override
    public String toString() {
        return total + " valid of " + runs.length + "x" + length;
    }
}
