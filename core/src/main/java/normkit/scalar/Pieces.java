package normkit.scalar;

import normkit.geometry.Runs;

/**
 * Walks the contiguous pieces of a range of chunks, reusable so that walking allocates nothing. Where sets are one chunk
 * each, the outer loop is over blocks and the inner one over sets, so that what belongs to a block of every set (γ, β) is
 * staged once.
 */
final class Pieces {

    /** Set of the current piece. */
    long set;
    /** Index of its first element in the tensor. */
    long start;
    /** Number of its elements. */
    int length;
    /** Elements before it in its set's run. */
    long offset;
    /** Whether the current piece is the first with its offset. */
    boolean newOffset;

    private Runs form;
    private boolean blockMajor;
    private long fromChunk;
    private long endChunk;
    private long chunk;
    private long block;
    private long endBlock;
    private long run;

    /** Prepares to walk chunks {@code from} … {@code to} − 1; {@link #next} moves to the first piece. */
    void over(Runs newForm, long from, long to) {
        form = newForm;
        blockMajor = newForm.chunks() == 1;
        fromChunk = from;
        endChunk = to;
        chunk = from;
        run = -1;
        if (from < to) {
            block = newForm.blockStart(from);
            endBlock = newForm.blockEnd(from);
        }
    }

    /** Moves to the next piece; false if there is none. */
    boolean next() {
        if (chunk >= endChunk) {
            return false;
        }
        newOffset = false;
        if (run < 0) {
            run = form.firstRun(block);
            newOffset = true;
        } else if (++run >= form.endRun(block)) {
            newOffset = blockMajor ? nextBlockMajor() : nextChunkMajor();
            if (chunk >= endChunk) {
                return false;
            }
            run = form.firstRun(block);
        }
        set = form.setOf(chunk);
        offset = form.offset(block);
        length = form.lengthInRun(block);
        start = form.start(set, run) + offset;
        return true;
    }

    private boolean nextBlockMajor() {
        if (++chunk < endChunk) {
            return false;
        }
        if (++block < endBlock) {
            chunk = fromChunk;
        }
        return true;
    }

    private boolean nextChunkMajor() {
        if (++block >= endBlock && ++chunk < endChunk) {
            block = form.blockStart(chunk);
            endBlock = form.blockEnd(chunk);
        }
        return true;
    }
}
