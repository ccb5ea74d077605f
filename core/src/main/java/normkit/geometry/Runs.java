package normkit.geometry;

/**
 * Sets of elements that lie in contiguous runs: set s consists of {@code runs} runs of {@code length} elements, run r
 * starting at element {@code s · length + r · runStride}. Rows (one run per set) and the planes of a channels-first
 * tensor (one run per sample and channel) are both of this form.
 *
 * <p>A set is cut into blocks, in order: a run of at least 32 lane rows (rows of 128 elements, the last perhaps partial)
 * into blocks of 32 lane rows, shorter runs gathered, as many whole runs as together have at most 32 lane rows. Blocks
 * are gathered into chunks; see {@link Lanes#blocksPerChunk(long)}.
 *
 * @param sets number of sets
 * @param runs runs per set
 * @param runStride elements from one run of a set to its next
 * @param length elements per run
 */
public record Runs(long sets, long runs, long runStride, long length) {

    /**
     * Every row of a matrix is a set.
     *
     * @param rows number of rows
     * @param length elements per row
     * @return the form
     */
    public static Runs rows(long rows, long length) {
        return new Runs(rows, 1, 0, length);
    }

    /**
     * Every channel of an (n, c, s) array is a set.
     *
     * @param n samples
     * @param c channels
     * @param s elements per sample and channel
     * @return the form
     */
    public static Runs planes(long n, long c, long s) {
        return new Runs(c, n, c * s, s);
    }

    /**
     * Returns the size of a set.
     *
     * @return elements per set
     */
    public long count() {
        return runs * length;
    }

    /**
     * Returns where a run starts.
     *
     * @param set index of the set
     * @param run index of the run in the set
     * @return index of its first element
     */
    public long start(long set, long run) {
        return set * length + run * runStride;
    }

    /**
     * Returns how many blocks a long run is cut into.
     *
     * @return blocks per run, 1 where a block holds one or more whole runs
     */
    public long blocksPerRun() {
        return Math.max(1, Lanes.ceilDiv(length, Lanes.BLOCK));
    }

    /**
     * Returns how many whole runs a block gathers.
     *
     * @return runs per block, 1 where a run has one or more blocks of its own
     */
    public long runsPerBlock() {
        long laneRows = Math.max(1, Lanes.ceilDiv(length, Lanes.LANES));
        return Math.max(1, Lanes.DEPTH / laneRows);
    }

    /**
     * Returns how many blocks a set has.
     *
     * @return blocks per set, 0 for an empty set
     */
    public long blocks() {
        return length == 0 ? 0 : Lanes.ceilDiv(runs, runsPerBlock()) * blocksPerRun();
    }

    /**
     * Returns how many blocks a chunk has; a set's last chunk may have fewer.
     *
     * @return blocks per chunk
     */
    public long blocksPerChunk() {
        return Lanes.blocksPerChunk(blocks());
    }

    /**
     * Returns how many chunks a set has.
     *
     * @return chunks per set, at most {@link Lanes#MOST_CHUNKS}
     */
    public int chunks() {
        return (int) Lanes.ceilDiv(blocks(), blocksPerChunk());
    }

    /**
     * Returns the first block of a chunk, counted in its set.
     *
     * @param chunk chunk counted over all sets
     * @return index of the block
     */
    public long blockStart(long chunk) {
        return chunk % chunks() * blocksPerChunk();
    }

    /**
     * Returns the end block of a chunk, counted in its set.
     *
     * @param chunk chunk counted over all sets
     * @return index past the last block
     */
    public long blockEnd(long chunk) {
        return Math.min(blocks(), blockStart(chunk) + blocksPerChunk());
    }

    /**
     * Returns the first run a block has elements of.
     *
     * @param block block of a set
     * @return index of the run in the set
     */
    public long firstRun(long block) {
        return block / blocksPerRun() * runsPerBlock();
    }

    /**
     * Returns the end run of a block.
     *
     * @param block block of a set
     * @return index past the last run in the set
     */
    public long endRun(long block) {
        return Math.min(runs, firstRun(block) + runsPerBlock());
    }

    /**
     * Returns where in its run, or runs, a block starts.
     *
     * @param block block of a set
     * @return elements before it in the run
     */
    public long offset(long block) {
        return block % blocksPerRun() * Lanes.BLOCK;
    }

    /**
     * Returns how many elements a block has of its run, or of each of its runs.
     *
     * @param block block of a set
     * @return elements, at most {@link Lanes#BLOCK}
     */
    public int lengthInRun(long block) {
        return (int) Math.min(Lanes.BLOCK, length - offset(block));
    }

    /**
     * Returns where a group of sample elements starts, from which the mean of a set is estimated: at the given quarter of
     * the set, moved back so that the group ends within its run.
     *
     * @param set index of the set
     * @param quarter 0 … 3
     * @param size elements in the group, at most the length of a run
     * @return index of its first element
     */
    public long sample(long set, int quarter, int size) {
        long element = quarter * count() / 4;
        return start(set, element / length) + Math.min(element % length, length - size);
    }
}
