package normkit.geometry;

/**
 * Sets of elements that lie in columns: in each of {@code batch} matrices of {@code rows} × {@code cols} elements, row
 * major, every group of {@code fold} adjacent columns is a set.
 *
 * <p>Matrices of few columns are read as wider ones: {@link #repeat()} rows become one wide row, whose length is a
 * multiple of 16 and at least 64 elements, the last wide row perhaps partial. A column's sums are formed per wide column
 * and block of 16 wide rows, blocks gathered into chunks; see {@link Lanes#blocksPerChunk(long)}.
 *
 * <p>Immutable. What follows from the shape is computed once, because kernels ask for it in every chunk.
 */
public final class Columns {

    /** Rows the mean of a column is estimated from. */
    public static final int SAMPLE_ROWS = 8;

    private static final int MULTIPLE = 16;
    private static final int LEAST_WIDTH = 64;
    private static final int NARROW = 1024;

    private final long batch;
    private final long rows;
    private final int cols;
    private final int fold;
    private final int repeat;
    private final int width;
    private final long wideRows;
    private final long wideRowsPerChunk;
    private final int chunks;

    /**
     * Describes sets.
     *
     * @param batch number of matrices
     * @param rows rows of each
     * @param cols columns of each
     * @param fold adjacent columns per set, a divisor of {@code cols}
     */
    public Columns(long batch, long rows, int cols, int fold) {
        this.batch = batch;
        this.rows = rows;
        this.cols = cols;
        this.fold = fold;
        repeat = repeat(cols);
        width = repeat * cols;
        wideRows = Lanes.ceilDiv(rows, repeat);
        wideRowsPerChunk = Lanes.blocksPerChunk(Lanes.ceilDiv(wideRows, Lanes.ROW_DEPTH)) * Lanes.ROW_DEPTH;
        chunks = (int) Lanes.ceilDiv(wideRows, wideRowsPerChunk);
    }

    private static int repeat(int cols) {
        if (cols >= NARROW || cols == 0) {
            return 1;
        }
        int repeat = 1;
        while (repeat * cols % MULTIPLE != 0 || repeat * cols < LEAST_WIDTH) {
            repeat++;
        }
        return repeat;
    }

    /**
     * Returns the number of matrices.
     *
     * @return matrices
     */
    public long batch() {
        return batch;
    }

    /**
     * Returns the height of a matrix.
     *
     * @return rows per matrix
     */
    public long rows() {
        return rows;
    }

    /**
     * Returns the width of a matrix.
     *
     * @return columns per matrix
     */
    public int cols() {
        return cols;
    }

    /**
     * Returns how many adjacent columns make a set.
     *
     * @return columns per set
     */
    public int fold() {
        return fold;
    }

    /**
     * Returns how many rows make one wide row.
     *
     * @return rows per wide row: 1 from 1,024 columns on
     */
    public int repeat() {
        return repeat;
    }

    /**
     * Returns the length of a wide row.
     *
     * @return {@code repeat() · cols}
     */
    public int width() {
        return width;
    }

    /**
     * Returns the number of wide rows in a matrix, the last perhaps partial.
     *
     * @return wide rows
     */
    public long wideRows() {
        return wideRows;
    }

    /**
     * Returns the number of sets in a matrix.
     *
     * @return {@code cols / fold}
     */
    public int setsPerMatrix() {
        return fold == 0 ? 0 : cols / fold;
    }

    /**
     * Returns the number of sets.
     *
     * @return {@code batch · cols / fold}
     */
    public long sets() {
        return batch * setsPerMatrix();
    }

    /**
     * Returns the size of a set.
     *
     * @return {@code rows · fold}
     */
    public long count() {
        return rows * fold;
    }

    /**
     * Returns how many wide rows a chunk has; a matrix's last chunk may have fewer.
     *
     * @return wide rows per chunk
     */
    public long wideRowsPerChunk() {
        return wideRowsPerChunk;
    }

    /**
     * Returns how many chunks a matrix has.
     *
     * @return chunks per matrix, at most {@link Lanes#MOST_CHUNKS}
     */
    public int chunks() {
        return chunks;
    }

    /**
     * Returns the first wide row of a chunk.
     *
     * @param chunk chunk of a matrix
     * @return index of the wide row
     */
    public long firstWideRow(int chunk) {
        return chunk * wideRowsPerChunk;
    }

    /**
     * Returns the end wide row of a chunk.
     *
     * @param chunk chunk of a matrix
     * @return index past the last wide row
     */
    public long endWideRow(int chunk) {
        return Math.min(wideRows, firstWideRow(chunk) + wideRowsPerChunk);
    }

    /**
     * Returns where a wide row starts.
     *
     * @param matrix which matrix
     * @param wideRow which wide row of it
     * @return index of its first element
     */
    public long start(long matrix, long wideRow) {
        return matrix * rows * cols + wideRow * width;
    }

    /**
     * Returns the length of a wide row.
     *
     * @param wideRow which wide row
     * @return {@link #width()}, less for the last if it is partial
     */
    public int lengthOf(long wideRow) {
        return (int) Math.min(width, rows * cols - wideRow * width);
    }

    /**
     * Returns where a chunk ends.
     *
     * @param matrix which matrix
     * @param chunk chunk of it
     * @return index past its last element
     */
    public long end(long matrix, int chunk) {
        return Math.min((matrix + 1) * rows * cols, start(matrix, endWideRow(chunk)));
    }

    /**
     * Returns where a sample row starts, from which the means of columns are estimated.
     *
     * @param matrix which matrix
     * @param index 0 … {@value #SAMPLE_ROWS} − 1
     * @return index of its first element
     */
    public long sample(long matrix, int index) {
        return (matrix * rows + index * rows / SAMPLE_ROWS) * cols;
    }
}
