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

    /** Tensors of up to this size may still be in a cache. */
    private static final long NEAR_BYTES = 8 << 20;

    /** Elements touched at once: those of a tile of floats. */
    private static final long TOUCHED = 4096;

    /** Columns whose sums fit the first level cache. */
    private static final int COLUMNS = 2048;

    private final Specialized loops;
    private final Window scales;
    private final Window shifts;
    private final double[] first = new double[Lanes.NARROW_LANES];
    private final double[] second = new double[Lanes.NARROW_LANES];

    SimdRuns(DataType type) {
        this.loops = new Specialized(type);
        this.scales = new Window(type);
        this.shifts = new Window(type);
    }

    @Override
    public void begin() {
        scales.forget();
        shifts.forget();
    }

    @Override
    public long tileBytes() {
        return TILE_BYTES;
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        Loops loop = loops.of(x, null, null, null, null);
        for (long set = from; set < to; set++) {
            c.pivot[(int) (set - c.first)] =
                    loop.pivot(x, form.sample(set, 0), form.sample(set, 1), form.sample(set, 2), form.sample(set, 3));
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
        boolean gathered = form.runsPerBlock() > 1;
        // Gathered rows lie behind each other: the sums that follow make them come as fast as touching would.
        boolean far = x.spec().byteSize() > NEAR_BYTES && (!gathered || form.runs() > 1);
        long touched = 0;
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            Arrays.fill(first, 0);
            Arrays.fill(second, 0);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block++) {
                long run = form.firstRun(block);
                int runs = (int) (form.endRun(block) - run);
                int n = form.lengthInRun(block);
                long offset = form.offset(block);
                long at = form.start(set, run) + offset;
                if (far && gathered) {
                    for (int r = 0; r < runs; r++) {
                        loop.touch(x, dy, at + r * form.runStride(), n);
                    }
                } else if (far && (at >= touched || at < touched - TOUCHED)) {
                    int ahead = (int) Math.min(TOUCHED, contiguous(form, at, offset, to));
                    loop.touch(x, dy, at, ahead);
                    touched = at + ahead;
                }
                Tensor factor = scales.load(scale, offset, n);
                long parameter = scales.index(scale, offset);
                if (runs == 1 && n % Lanes.LANES == 0) {
                    loop.sumLaneRows(x, dy, factor, at, n / Lanes.LANES, parameter, c.pivot[i], c.gain[i], c.offset[i],
                            first, second);
                } else {
                    loop.sumRuns(x, dy, factor, at, form.runStride(), runs, n, parameter, c.pivot[i], c.gain[i],
                            c.offset[i], first, second);
                }
            }
            int at = (int) (2 * (chunk - from));
            sums[at] = Lanes.fold(first);
            sums[at + 1] = Lanes.fold(second);
        }
    }

    /** How many elements that will be summed follow an element without a gap. */
    private static long contiguous(Runs form, long at, long offset, long to) {
        if (form.runs() > 1) {
            return form.length() - offset;
        }
        long last = form.setOf(to - 1);
        return form.start(last, 0) + Math.min(form.length(), form.blockEnd(to - 1) * Lanes.BLOCK) - at;
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
                int n = form.pieceLength(block, end);
                Tensor factor = scales.load(scale, offset, n);
                Tensor term = shifts.load(shift, offset, n);
                for (long run = form.firstRun(block); run < form.endRun(block); run++) {
                    loop.applyRun(x, factor, term, y, form.start(set, run) + offset, scales.index(scale, offset),
                            shifts.index(shift, offset), n, c, i);
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
                int n = form.pieceLength(block, end);
                Tensor factor = scales.load(scale, offset, n);
                for (long run = form.firstRun(block); run < form.endRun(block); run++) {
                    loop.gradientRun(dy, x, factor, dx, form.start(set, run) + offset, scales.index(scale, offset), n,
                            c, i);
                }
            }
        }
    }

    @Override
    public void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        Loops loop = loops.of(x, dy, null, null, null);
        for (long set = from; set < to; set += Lanes.ROW_DEPTH) {
            int rows = (int) Math.min(Lanes.ROW_DEPTH, to - set);
            for (int column = 0; column < form.length(); column += COLUMNS) {
                int n = (int) Math.min(COLUMNS, form.length() - column);
                loop.clearColumns(n);
                long at = form.start(set, 0) + column;
                int i = (int) (set - c.first);
                loop.addParameterRows(x, dy, at, form.length(), rows / 2, c, i);
                if (rows % 2 != 0) {
                    loop.addParameterRow(x, dy, at + (rows - 1) * form.length(), c, i + rows - 1);
                }
                loop.addParameterRest(x, dy, at, form.length(), rows, c, i);
                loop.flushColumns(dshift, dscale, column);
            }
        }
    }
}
