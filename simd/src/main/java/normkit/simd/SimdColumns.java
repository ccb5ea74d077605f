package normkit.simd;

import java.util.Arrays;
import normkit.geometry.Columns;
import normkit.geometry.Lanes;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Walks the blocks of wide rows of a matrix and leaves the loops over their elements to {@link Loops}. */
final class SimdColumns implements ColumnKernels {

    private final Specialized loops;

    SimdColumns(DataType type) {
        this.loops = new Specialized(type);
    }

    @Override
    public void pivots(Columns form, Tensor x, long matrix, Coefficients c) {
        Loops loop = loops.of(x, null, null, null, null);
        loop.clearColumns(form.cols());
        for (int i = 0; i < Columns.SAMPLE_ROWS; i++) {
            loop.addColumns(x, form.sample(matrix, i));
        }
        loop.columnMeans(Columns.SAMPLE_ROWS, c.pivot);
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

    private void sums(Loops loop, Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c,
            double[] s1, double[] s2) {
        int width = form.width();
        loop.stage(c, width);
        loop.clearColumns(width);
        Arrays.fill(s1, 0, width, 0);
        Arrays.fill(s2, 0, width, 0);
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row += Lanes.ROW_DEPTH) {
            int rows = (int) Math.min(Lanes.ROW_DEPTH, end - row);
            int last = form.lengthOf(row + rows - 1);
            int pairs = (last == width ? rows : rows - 1) / 2;
            loop.sumWideRows(x, dy, form.start(matrix, row), pairs);
            for (int odd = 2 * pairs; odd < rows; odd++) {
                loop.sumWideRow(x, dy, form.start(matrix, row + odd), form.lengthOf(row + odd));
            }
            loop.flushColumns(s1, s2, 0);
        }
    }

    @Override
    public void apply(Columns form, Tensor x, long matrix, int chunk, Coefficients c, Tensor y) {
        apply(loops.of(x, null, y, null, null), form, null, x, matrix, chunk, c, y);
    }

    @Override
    public void gradientApply(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, Tensor dx) {
        apply(loops.of(x, dy, dx, null, null), form, dy, x, matrix, chunk, c, dx);
    }

    private void apply(Loops loop, Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c,
            Tensor out) {
        loop.stage(c, form.width());
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row += Lanes.ROW_DEPTH) {
            int rows = (int) Math.min(Lanes.ROW_DEPTH, end - row);
            loop.applyColumns(x, dy, out, form.start(matrix, row), rows, form.lengthOf(row + rows - 1));
        }
    }
}
