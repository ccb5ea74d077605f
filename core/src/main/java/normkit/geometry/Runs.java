package normkit.geometry;

/**
 * Sets of elements that lie in contiguous runs: set s consists of {@code runs} runs of {@code length} elements, run r
 * starting at element {@code s · length + r · runStride}. Rows (one run per set) and the planes of a channels-first
 * tensor (one run per sample and channel) are both of this form.
 *
 * <p>A set is cut into blocks, in order: a run of at least 8 lane rows (rows of 128 elements, the last perhaps partial)
 * into blocks of 8 lane rows, shorter runs gathered, as many whole runs as together have at most 8 lane rows. Blocks
 * are gathered into chunks; see {@link Lanes#blocksPerChunk(long)}.
 *
 * <p>Immutable. What follows from the shape is computed once, because kernels ask for it in every chunk.
 */
public final class Runs {

    /** Most blocks in a piece, so that its length is an int. */
    private static final int PIECE_BLOCKS = 1024;

    /** Where set 0 starts. */
    private final long origin;
    private final long sets;
    private final long runs;
    private final long runStride;
    private final long length;
    private final int laneRowsPerRun;
    private final int runsPerBlock;
    private final long blocksPerRun;
    private final long blocks;
    private final long blocksPerChunk;
    private final int chunks;

    private Runs(long origin, long sets, long runs, long runStride, long length) {
        this.origin = origin;
        this.sets = sets;
        this.runs = runs;
        this.runStride = runStride;
        this.length = length;
        laneRowsPerRun = (int) Lanes.ceilDiv(Math.min(length, Lanes.BLOCK), Lanes.LANES);
        runsPerBlock = Lanes.DEPTH / Math.max(1, laneRowsPerRun);
        blocksPerRun = Math.max(1, Lanes.ceilDiv(length, Lanes.BLOCK));
        blocks = length == 0 ? 0 : Lanes.ceilDiv(runs, runsPerBlock) * blocksPerRun;
        blocksPerChunk = Lanes.blocksPerChunk(blocks);
        chunks = (int) Lanes.ceilDiv(blocks, blocksPerChunk);
    }

    /**
     * Every row of a matrix is a set.
     *
     * @param rows number of rows
     * @param length elements per row
     * @return the form
     */
    public static Runs rows(long rows, long length) {
        return new Runs(0, rows, 1, 0, length);
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
        return new Runs(0, c, n, c * s, s);
    }

    /**
     * Returns a form in which a row has only some of its elements. It is good for this row alone.
     *
     * @param set index of the row, which it keeps
     * @param from first element of the row
     * @param to end element of the row
     * @return the form
     */
    public Runs slice(long set, long from, long to) {
        return new Runs(origin + set * length + from - set * (to - from), sets, 1, 0, to - from);
    }

    /**
     * Returns a form in which every set has only one of its runs: all sets of it lie behind each other.
     *
     * @param run index of the run
     * @return the form
     */
    public Runs ofRun(long run) {
        return new Runs(start(0, run), sets, 1, 0, length);
    }

    /**
     * Returns the number of sets.
     *
     * @return sets
     */
    public long sets() {
        return sets;
    }

    /**
     * Returns the number of runs of a set.
     *
     * @return runs per set
     */
    public long runs() {
        return runs;
    }

    /**
     * Returns how far the runs of a set lie apart.
     *
     * @return elements from the start of a run to the start of the next
     */
    public long runStride() {
        return runStride;
    }

    /**
     * Returns the length of a run.
     *
     * @return elements per run
     */
    public long length() {
        return length;
    }

    /**
     * Returns which set a chunk belongs to.
     *
     * @param chunk chunk counted over all sets
     * @return index of the set
     */
    public long setOf(long chunk) {
        return chunks == 1 ? chunk : chunk / chunks;
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
        return origin + set * length + run * runStride;
    }

    /**
     * Returns how many blocks a long run is cut into.
     *
     * @return blocks per run, 1 where a block holds one or more whole runs
     */
    public long blocksPerRun() {
        return blocksPerRun;
    }

    /**
     * Returns how many whole runs a block gathers.
     *
     * @return runs per block, 1 where a run has one or more blocks of its own
     */
    public int runsPerBlock() {
        return runsPerBlock;
    }

    /**
     * Returns how many blocks a set has.
     *
     * @return blocks per set, 0 for an empty set
     */
    public long blocks() {
        return blocks;
    }

    /**
     * Returns how many blocks a chunk has; a set's last chunk may have fewer.
     *
     * @return blocks per chunk
     */
    public long blocksPerChunk() {
        return blocksPerChunk;
    }

    /**
     * Returns how many chunks a set has.
     *
     * @return chunks per set, at most {@link Lanes#MOST_CHUNKS}
     */
    public int chunks() {
        return chunks;
    }

    /**
     * Returns the first block of a chunk, counted in its set.
     *
     * @param chunk chunk counted over all sets
     * @return index of the block
     */
    public long blockStart(long chunk) {
        return chunks == 1 ? 0 : chunk % chunks * blocksPerChunk;
    }

    /**
     * Returns the end block of a chunk, counted in its set.
     *
     * @param chunk chunk counted over all sets
     * @return index past the last block
     */
    public long blockEnd(long chunk) {
        return Math.min(blocks, blockStart(chunk) + blocksPerChunk);
    }

    /**
     * Returns the first run a block has elements of.
     *
     * @param block block of a set
     * @return index of the run in the set
     */
    public long firstRun(long block) {
        return runs == 1 ? 0 : block / blocksPerRun * runsPerBlock;
    }

    /**
     * Returns the end run of a block.
     *
     * @param block block of a set
     * @return index past the last run in the set
     */
    public long endRun(long block) {
        return Math.min(runs, firstRun(block) + runsPerBlock);
    }

    /**
     * Returns where in its run, or runs, a block starts.
     *
     * @param block block of a set
     * @return elements before it in the run
     */
    public long offset(long block) {
        return blocksPerRun == 1 ? 0 : block % blocksPerRun * Lanes.BLOCK;
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
     * Returns how many elements may be treated at once where blocks do not matter: those of some blocks of a run.
     *
     * @param block block of a set, the first of the piece
     * @param end end block
     * @return elements of the run, or of each of the block's runs
     */
    public int pieceLength(long block, long end) {
        long offset = offset(block);
        return (int) (Math.min(length, offset + (nextPiece(block, end) - block) * Lanes.BLOCK) - offset);
    }

    /**
     * Returns the block after a piece; see {@link #pieceLength}.
     *
     * @param block block of a set, the first of the piece
     * @param end end block
     * @return end block of the piece
     */
    public long nextPiece(long block, long end) {
        if (blocksPerRun == 1) {
            return block + 1;
        }
        long endOfRun = block - block % blocksPerRun + blocksPerRun;
        return Math.min(Math.min(end, endOfRun), block + PIECE_BLOCKS);
    }

    /**
     * Returns how many lane rows a whole run takes in a block that gathers runs.
     *
     * @return lane rows, the last perhaps partial
     */
    public int laneRowsPerRun() {
        return laneRowsPerRun;
    }

    /**
     * Returns a sample element, four of which the mean of a set is estimated from: the first of a quarter of the set.
     *
     * @param set index of the set
     * @param quarter 0 … 3
     * @return index of the element
     */
    public long sample(long set, int quarter) {
        long element = quarter * count() / 4;
        return runs == 1 ? start(set, 0) + element : start(set, element / length) + element % length;
    }
}
