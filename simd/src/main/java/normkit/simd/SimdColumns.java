package normkit.simd;

import normkit.geometry.Columns;
import normkit.geometry.Lanes;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Walks the blocks of wide rows of a matrix and leaves the loops over their elements to {@link ColumnLoops}. */
final class SimdColumns implements ColumnKernels {

    /** Wide rows from this length on are summed row by row, shorter ones in strips. */
    private static final int LONG = 256;

    private final Specialized<ColumnLoops> loops;
    private final ColumnMeans means;
    private final FarMemory memory = new FarMemory();

    SimdColumns(DataType type) {
        this.loops = new Specialized<>(SpecialColumnLoops.class, type);
        this.means = new ColumnMeans(type);
    }

    @Override
    public void pivots(Columns form, Tensor x, long matrix, Coefficients c) {
        means.clear(form.cols());
        for (int i = 0; i < Columns.SAMPLE_ROWS; i++) {
            means.add(x, form.sample(matrix, i));
        }
        means.divide(Columns.SAMPLE_ROWS, c.pivot);
    }

    @Override
    public void sums(Columns form, Tensor x, long matrix, int chunk, Coefficients c, double[] s1, double[] s2) {
        sums(loops.of(x, null, null, null, null), form, null, x, matrix, chunk, c, s1, s2);
    }

    @Override
    public void gradientSums(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, double[] s1,
            double[] s2) {
        sums(loops.of(x, dy, null, null, null), form, dy, x, matrix, chunk, c, s1, s2);
    }

    private void sums(ColumnLoops loop, Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c,
            double[] s1, double[] s2) {
        int width = form.width();
        loop.stage(c, width);
        Scratch.clear(s1, 0, width);
        Scratch.clear(s2, 0, width);
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row += Lanes.ROW_DEPTH) {
            int rows = (int) Math.min(Lanes.ROW_DEPTH, end - row);
            int last = form.lengthOf(row + rows - 1);
            long at = form.start(matrix, row);
            if (width >= LONG) {
                sumLong(loop, x, dy, at, width, rows, last);
            } else {
                sumShort(loop, x, dy, at, width, rows, last);
            }
            loop.flushWide(s1, s2);
        }
    }

    private static void sumLong(ColumnLoops loop, Tensor x, Tensor dy, long at, int width, int rows, int last) {
        loop.clearWide();
        walk(loop, x, dy, null, at, width, rows, last);
        loop.readWide();
        int step = VectorBits.elements(x.spec().type());
        for (int row = 0; row < rows; row++) {
            int n = row < rows - 1 ? width : last;
            if (n % step != 0) {
                loop.addElements(x, dy, at + (long) row * width, n - n % step, n);
            }
        }
    }

    private void sumShort(ColumnLoops loop, Tensor x, Tensor dy, long at, int width, int rows, int last) {
        memory.touch(x, dy, at, (rows - 1) * width + last);
        int whole = last == width ? rows : rows - 1;
        int rest = loop.sumStrips(x, dy, at, whole);
        if (rest < width) {
            loop.sumStrip(x, dy, at, whole, rest);
        }
        if (last < width) {
            loop.addElements(x, dy, at + (long) whole * width, 0, last);
        }
    }

    @Override
    public void apply(Columns form, Tensor x, long matrix, int chunk, Coefficients c, Tensor y) {
        ColumnLoops loop = loops.of(x, null, y, null, null);
        loop.stage(c, form.width());
        apply(loop, form, null, x, matrix, chunk, y);
    }

    @Override
    public void gradientApply(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, Tensor dx) {
        ColumnLoops loop = loops.of(x, dy, dx, null, null);
        loop.stageGradient(c, form.width());
        apply(loop, form, dy, x, matrix, chunk, dx);
    }

    private static void apply(ColumnLoops loop, Columns form, Tensor dy, Tensor x, long matrix, int chunk, Tensor out) {
        int length = loop.span();
        long end = form.end(matrix, chunk);
        for (long at = form.start(matrix, form.firstWideRow(chunk)); at < end; at += (long) Lanes.ROW_DEPTH * length) {
            int rows = (int) Math.min(Lanes.ROW_DEPTH, Lanes.ceilDiv(end - at, length));
            int last = (int) Math.min(length, end - at - (rows - 1L) * length);
            walk(loop, x, dy, out, at, length, rows, last);
        }
    }

    /** Sums rows, or, where there is a result, normalizes them: all at once, or, in memory that is far away, piece by piece. */
    private static void walk(ColumnLoops loop, Tensor x, Tensor dy, Tensor out, long at, int length, int rows,
            int last) {
        int piece = FarMemory.piece(x, dy, length);
        if (piece == length) {
            pass(loop, x, dy, out, at, 0, rows, last);
            return;
        }
        for (int row = 0; row < rows; row++) {
            int n = row < rows - 1 ? length : last;
            for (int column = 0; column < n; column += piece) {
                pass(loop, x, dy, out, at + (long) row * length + column, column, 1, Math.min(piece, n - column));
            }
        }
    }

    private static void pass(ColumnLoops loop, Tensor x, Tensor dy, Tensor out, long at, int column, int rows,
            int last) {
        if (out == null) {
            loop.sumWideRows(x, dy, at, column, rows, last);
        } else {
            loop.applyColumns(x, dy, out, at, column, rows, last);
        }
    }
}
