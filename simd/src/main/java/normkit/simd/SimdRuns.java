package normkit.simd;

import java.util.Arrays;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Walks the blocks of contiguous runs and leaves the loops over their elements to {@link Loops}. */
final class SimdRuns implements RunKernels {

    /** Bytes of x in a tile: a third of a usual first level cache, so that x and y of a tile fit. */
    private static final long TILE_BYTES = 16 << 10;

    private final Specialized loops;
    private final double[] first = new double[Lanes.NARROW_LANES];
    private final double[] second = new double[Lanes.NARROW_LANES];

    SimdRuns(DataType type) {
        this.loops = new Specialized(type);
    }

    @Override
    public void begin() {
        // Nothing is kept of memory.
    }

    @Override
    public long tileBytes() {
        return TILE_BYTES;
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        Loops loop = loops.of(x, null, null, null, null);
        for (long set = from; set < to; set++) {
            c.pivot[(int) (set - c.first)] = loop.pivot(x, form.sample(set, 0), form.sample(set, 1),
                    form.sample(set, 2), form.sample(set, 3), form.sampleSize());
        }
    }

    @Override
    public void sums(Runs form, Tensor x, long from, long to, Coefficients c, double[] sums) {
        sums(loops.of(x, null, null, null, null), form, null, x, from, to, c, null, sums);
    }

    @Override
    public void gradientSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        sums(loops.of(x, dy, null, scale, null), form, dy, x, from, to, c, scale, sums);
    }

    private void sums(Loops loop, Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            Arrays.fill(first, 0);
            Arrays.fill(second, 0);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block++) {
                long run = form.firstRun(block);
                loop.sumRuns(x, dy, scale, form.start(set, run) + form.offset(block), form.runStride(),
                        (int) (form.endRun(block) - run), form.lengthInRun(block), form.offset(block), c.pivot[i],
                        c.gain[i], c.offset[i], first, second);
            }
            int at = (int) (2 * (chunk - from));
            sums[at] = Lanes.fold(first);
            sums[at + 1] = Lanes.fold(second);
        }
    }

    @Override
    public void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y) {
        Loops loop = loops.of(x, null, y, scale, shift);
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block = form.nextPiece(block, end)) {
                long offset = form.offset(block);
                int length = form.pieceLength(block, end);
                for (long run = form.firstRun(block); run < form.endRun(block); run++) {
                    loop.applyRun(x, scale, shift, y, form.start(set, run) + offset, offset, length, c, i);
                }
            }
        }
    }

    @Override
    public void gradientApply(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor dx) {
        Loops loop = loops.of(x, dy, dx, scale, null);
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block = form.nextPiece(block, end)) {
                long offset = form.offset(block);
                int length = form.pieceLength(block, end);
                for (long run = form.firstRun(block); run < form.endRun(block); run++) {
                    loop.gradientRun(dy, x, scale, dx, form.start(set, run) + offset, offset, length, c, i);
                }
            }
        }
    }

    @Override
    public void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        Loops loop = loops.of(x, dy, null, null, null);
        int n = (int) form.length();
        for (long set = from; set < to; set += Lanes.ROW_DEPTH) {
            int rows = (int) Math.min(to - set, Lanes.ROW_DEPTH);
            loop.parameterRows(x, dy, form.start(set, 0), n, rows, c, (int) (set - c.first), dscale, dshift);
        }
    }
}
