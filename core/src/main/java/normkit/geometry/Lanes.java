package normkit.geometry;

/** The constants of the canonical order of reductions; docs/numerics.md says what they mean. */
public final class Lanes {

    /** Virtual lanes a contiguous run is summed in: element i of a run goes to lane i mod 128. */
    public static final int LANES = 128;

    /** Lanes left when a fold in the element's type goes over to double. */
    public static final int NARROW_LANES = 16;

    /**
     * Most additions a lane does in the element's type before its sum is widened to double. Few, because the squares of
     * values on a coarse grid (a large offset leaves a float few bits below the point) round the same way each time.
     */
    public static final int DEPTH = 8;

    /** Most elements in a block of a contiguous run. */
    public static final int BLOCK = LANES * DEPTH;

    /** Most rows that are added, element by element, in the element's type before the sums are widened to double. */
    public static final int ROW_DEPTH = 16;

    /** Least number of blocks in a chunk, the smallest piece of a set that is given to a thread. */
    public static final int LEAST_BLOCKS = 16;

    /** Most chunks a set is cut into. */
    public static final int MOST_CHUNKS = 64;

    private Lanes() {
    }

    /**
     * Returns how many blocks make one chunk of a set.
     *
     * @param blocks number of blocks in the set
     * @return blocks per chunk, at least {@link #LEAST_BLOCKS}
     */
    public static long blocksPerChunk(long blocks) {
        return Math.max(LEAST_BLOCKS, ceilDiv(blocks, MOST_CHUNKS));
    }

    /**
     * Adds the last 16 lanes of a sum: those 8, 4, 2 and 1 apart, in turn.
     *
     * @param s sums of {@value #NARROW_LANES} lanes each
     * @param i where the sum starts
     * @return the sum of its lanes
     */
    public static double fold(double[] s, int i) {
        double even = ((s[i] + s[i + 8]) + (s[i + 4] + s[i + 12])) + ((s[i + 2] + s[i + 10]) + (s[i + 6] + s[i + 14]));
        double odd =
                ((s[i + 1] + s[i + 9]) + (s[i + 5] + s[i + 13])) + ((s[i + 3] + s[i + 11]) + (s[i + 7] + s[i + 15]));
        return even + odd;
    }

    /**
     * Divides, rounding up.
     *
     * @param a dividend, at least 0
     * @param b divisor, at least 1
     * @return the least integer not below a/b
     */
    public static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }
}
