package normkit.simd;

import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Walks the blocks of contiguous runs and leaves the loops over their elements to {@link RunLoops}. */
final class SimdRuns implements RunKernels {

    /** Bytes of x in a tile: most of a usual first level cache, and several rows, whose statistics do not wait for each other. */
    private static final long TILE_BYTES = 32 << 10;

    /**
     * Bytes of x in a tile of rows that are longer than the pieces of γ and β: a quarter of a small second cache level, and
     * as many rows as make it worth to walk them piece by piece, so that those of γ and β stay in the first.
     */
    private static final long LONG_ROWS_BYTES = 128 << 10;

    /**
     * Bytes of x in a tile of short planes that are far away: they, as many of dy and what is written are about a usual
     * second cache level.
     */
    private static final long PLANES_BYTES = 256 << 10;

    /** Most γ and β that are applied at once: with x and y they take a third to a half of a usual first level cache. */
    private static final int PIECE = Lanes.BLOCK;

    /** Below this planes are short: memory comes faster if neighbours are read together. */
    private static final long SHORT_BYTES = 2 << 10;

    /** Elements touched at once: those of a tile of floats. */
    private static final int TOUCHED = 4096;

    /** Columns whose sums fit the first level cache. */
    private static final int COLUMNS = 2048;

    private final Specialized<RunLoops> loops;
    private final FarMemory memory = new FarMemory();
    private final Window scales;
    private final Window shifts;
    /** The sums of up to {@value RunLoops#SETS} sets. */
    private final double[] first = new double[RunLoops.SETS * Lanes.NARROW_LANES];
    private final double[] second = new double[RunLoops.SETS * Lanes.NARROW_LANES];
    /** The rows whose x and dy were read last, for the gradients of γ and β. */
    private long readFrom;
    private long readTo;

    SimdRuns(DataType type) {
        this.loops = new Specialized<>(SpecialRunLoops.class, type);
        this.scales = new Window(type);
        this.shifts = new Window(type);
    }

    @Override
    public void begin() {
        scales.forget();
        shifts.forget();
        readTo = 0;
    }

    @Override
    public long tileBytes(Runs form, TensorSpec x, boolean gradient, boolean elementwise) {
        return farPlanes(form, x, gradient) ? PLANES_BYTES : rowsBytes(form, elementwise);
    }

    private static long rowsBytes(Runs form, boolean elementwise) {
        return elementwise && form.length() > PIECE ? LONG_ROWS_BYTES : TILE_BYTES;
    }

    /** Whether planes are short and, with those of dy where there is one, likely to be in memory. */
    private static boolean farPlanes(Runs form, TensorSpec x, boolean gradient) {
        boolean isShort = form.runs() > 1 && form.length() * x.type().bytes() < SHORT_BYTES;
        return isShort && FarMemory.holds(x.byteSize() * (gradient ? 2 : 1));
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        loops.of(x, null, null, null, null).pivots(x, form.sample(from, 0), form.sample(from, 1), form.sample(from, 2),
                form.sample(from, 3), form.length(), (int) (to - from), c, (int) (from - c.first));
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

    private void sums(RunLoops loop, Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        // Not rows on their way forward, which apply has read ahead.
        boolean unread = form.runs() > 1 || form.chunks() > 1 || dy != null && (from < readFrom || to > readTo);
        boolean far = farPlanes(form, x.spec(), dy != null) || unread && FarMemory.holds(x.spec().byteSize());
        if (form.runs() == 1 && form.chunks() == 1 && form.length() % Lanes.LANES == 0) {
            sumRows(loop, form, dy, x, from, to, far, c, scale, sums);
            return;
        }
        boolean planes = form.runs() > 1 && form.chunks() == 1;
        if (far && planes) {
            for (long run = 0; run < form.runs(); run++) {
                // Sets lie side by side, so this is longer than a run, and comes faster.
                memory.touch(x, dy, form.start(from, run), (int) ((to - from) * form.length()));
            }
        }
        for (long chunk = from; chunk < to; chunk++) {
            clear(1);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block = form.nextPiece(block, end)) {
                sumPiece(loop, form, dy, x, form.setOf(chunk), block, form.pieceLength(block, end), far && !planes, c,
                        scale);
            }
            fold(1, sums, (int) (chunk - from));
        }
    }

    /** Sums rows of whole lane rows, one chunk each: some in one go, because short ones take as long to find as to sum. */
    private void sumRows(RunLoops loop, Runs form, Tensor dy, Tensor x, long from, long to, boolean far, Coefficients c,
            Tensor scale, double[] sums) {
        // Longer ones are walked block by block, which for some in turn would be a walk all over memory.
        boolean isShort = form.length() <= Lanes.BLOCK;
        long most = isShort ? Math.min(RunLoops.SETS, far ? TOUCHED / form.length() : RunLoops.SETS) : 1;
        for (long set = from; set < to; set += most) {
            int n = (int) Math.min(most, to - set);
            clear(n);
            sumLaneRows(loop, form, dy, x, set, n, form.start(set, 0), 0, (int) form.length(), false, far, c, scale);
            fold(n, sums, (int) (set - from));
        }
    }

    private void clear(int sets) {
        Scratch.clear(first, 0, sets * Lanes.NARROW_LANES);
        Scratch.clear(second, 0, sets * Lanes.NARROW_LANES);
    }

    private void fold(int sets, double[] to, int at) {
        for (int i = 0; i < sets; i++) {
            to[2 * (at + i)] = Lanes.fold(first, i * Lanes.NARROW_LANES);
            to[2 * (at + i) + 1] = Lanes.fold(second, i * Lanes.NARROW_LANES);
        }
    }

    /** Sums some blocks of a run, or a block that gathers runs. */
    private void sumPiece(RunLoops loop, Runs form, Tensor dy, Tensor x, long set, long block, int n, boolean far,
            Coefficients c, Tensor scale) {
        long offset = form.offset(block);
        long run = form.firstRun(block);
        int runs = (int) (form.endRun(block) - run);
        long at = form.start(set, run) + offset;
        int whole = runs > 1 ? 0 : n - n % Lanes.LANES;
        boolean open = whole < n && whole % Lanes.BLOCK > 0;
        sumLaneRows(loop, form, dy, x, set, 1, at, offset, whole, open, far, c, scale);
        if (whole == n) {
            return;
        }
        if (far && form.runs() > 1) {
            for (int r = 0; r < runs; r++) {
                memory.touch(x, dy, at + r * form.runStride() + whole, n - whole);
            }
        }
        Tensor factor = scales.load(scale, offset + whole, n - whole);
        long parameter = scales.index(scale, offset + whole);
        int i = (int) (set - c.first);
        loop.sumRuns(x, dy, factor, at + whole, form.runStride(), runs, n - whole, open, parameter, c.pivot[i],
                c.gain[i], c.offset[i], first, second);
    }

    /**
     * Sums n elements, whole lane rows, of some sets from {@code at} on in the first, where its γ has {@code offset}.
     *
     * @param open whether the last block goes on beyond them: its sums then stay in the lanes
     */
    private void sumLaneRows(RunLoops loop, Runs form, Tensor dy, Tensor x, long set, int sets, long at, long offset,
            int n, boolean open, boolean far, Coefficients c, Tensor scale) {
        int i = (int) (set - c.first);
        long stride = form.length();
        Tensor factor = scales.load(scale, offset, n);
        long parameter = scales.index(scale, offset);
        for (int done = 0; done < n; done += TOUCHED) {
            int part = Math.min(TOUCHED, n - done);
            if (far) {
                memory.touch(x, dy, at + done, sets * part);
            }
            int rows = part / Lanes.LANES;
            boolean stays = open && done + part == n;
            if (dy == null) {
                loop.sumLaneRows(x, at + done, stride, sets, rows, stays, c, i, first, second);
            } else {
                loop.sumGradientLaneRows(x, dy, factor, at + done, stride, sets, rows, stays, parameter + done, c, i,
                        first, second);
            }
        }
    }

    @Override
    public void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y) {
        RunLoops loop = loops.of(x, null, y, scale, shift);
        boolean elementwise = scale != null || shift != null;
        boolean whole = wholeSets(form, x);
        int most = most(form, x, elementwise, whole);
        if (form.chunks() == 1 && (elementwise || most == form.length())) {
            long ahead = whole && form.runs() == 1 ? distance(form, x, to - from, elementwise) : 0;
            applySets(loop, form, x, from, to, c, scale, shift, y, ahead, most);
        } else {
            applyPieces(loop, form, x, from, to, c, scale, shift, y, most);
        }
    }

    /** How many elements of a run to apply at once. */
    private static int most(Runs form, Tensor x, boolean elementwise, boolean whole) {
        if (elementwise) {
            return PIECE;
        }
        int longest = form.pieceLength(0, form.blocks());
        return whole || form.runs() > 1 ? longest : FarMemory.piece(x, null, longest);
    }

    /** Sets of one chunk: run by run, at most so many elements of each of all sets, which lie side by side, in one go. */
    private void applySets(RunLoops loop, Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor shift, Tensor y, long ahead, int most) {
        int n = (int) form.length();
        int sets = (int) (to - from);
        for (long run = 0; run < form.runs(); run++) {
            long at = form.start(from, run);
            long left = x.spec().elements() - (at + ahead);
            int aheadRuns = ahead == 0 ? 0 : (int) Math.min(sets, left / n);
            for (int k = 0; k < n; k += most) {
                int part = Math.min(most, n - k);
                Tensor factor = parameter(scales, scale, form, k, part);
                Tensor term = parameter(shifts, shift, form, k, part);
                loop.applyRuns(x, factor, term, y, at + k, n, sets, scales.index(scale, k), shifts.index(shift, k),
                        part, c, (int) (from - c.first), 1, ahead, aheadRuns);
            }
        }
    }

    /** Chunks one by one, and of runs that are far away at most so many elements at once. */
    private void applyPieces(RunLoops loop, Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor shift, Tensor y, int most) {
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block = form.nextPiece(block, end)) {
                long offset = form.offset(block);
                int n = form.pieceLength(block, end);
                int piece = Math.min(most, n);
                long run = form.firstRun(block);
                int runs = (int) (form.endRun(block) - run);
                long at = form.start(set, run) + offset;
                for (int k = 0; k < n; k += piece) {
                    int part = Math.min(piece, n - k);
                    Tensor factor = parameter(scales, scale, form, offset + k, part);
                    Tensor term = parameter(shifts, shift, form, offset + k, part);
                    loop.applyRuns(x, factor, term, y, at + k, form.runStride(), runs, scales.index(scale, offset + k),
                            shifts.index(shift, offset + k), part, c, i, 0, 0, 0);
                }
            }
        }
    }

    /** Those of a single set are needed once: then only the piece is copied, which stays in the first cache level till it is. */
    private static Tensor parameter(Window window, Tensor parameter, Runs form, long from, int n) {
        boolean once = form.sets() == 1 && form.runs() == 1;
        return once ? window.loadPiece(parameter, from, n) : window.load(parameter, from, n);
    }

    @Override
    public void gradientApply(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor dx) {
        RunLoops loop = loops.of(x, dy, dx, scale, null);
        if (form.chunks() == 1) {
            gradientSets(loop, form, dy, x, from, to, c, scale, dx);
        } else {
            gradientPieces(loop, form, dy, x, from, to, c, scale, dx);
        }
    }

    private void gradientSets(RunLoops loop, Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c,
            Tensor scale, Tensor dx) {
        int n = (int) form.length();
        Tensor factor = scales.load(scale, 0, n);
        for (long run = 0; run < form.runs(); run++) {
            loop.gradientRuns(dy, x, factor, dx, form.start(from, run), n, (int) (to - from), scales.index(scale, 0), n,
                    c, (int) (from - c.first), 1);
        }
    }

    private void gradientPieces(RunLoops loop, Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c,
            Tensor scale, Tensor dx) {
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block = form.nextPiece(block, end)) {
                long offset = form.offset(block);
                int n = form.pieceLength(block, end);
                long run = form.firstRun(block);
                loop.gradientRuns(dy, x, scales.load(scale, offset, n), dx, form.start(set, run) + offset,
                        form.runStride(), (int) (form.endRun(block) - run), scales.index(scale, offset), n, c, i, 0);
            }
        }
    }

    /**
     * How far the next tile is from this one of so many rows, if it is to be read ahead; otherwise 0. What is larger than a
     * tile is read once, from front to back, and comes by itself.
     */
    private static long distance(Runs form, Tensor x, long rows, boolean elementwise) {
        long tile = rows * form.length();
        boolean tiles = rows == 1 || tile * x.spec().type().bytes() <= rowsBytes(form, elementwise);
        return tiles && FarMemory.holds(x.spec().byteSize()) ? tile : 0;
    }

    /** False where the form has one run of each set only: then nothing has read x before, and the next run is elsewhere. */
    private static boolean wholeSets(Runs form, Tensor x) {
        return form.sets() * form.runs() * form.length() == x.spec().elements();
    }

    @Override
    public void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        readFrom = from;
        readTo = to;
        RunLoops loop = loops.of(x, dy, null, null, null);
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
