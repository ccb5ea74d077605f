package normkit.scalar;

import normkit.geometry.Columns;
import normkit.geometry.Lanes;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Walks the wide rows of a matrix and leaves the loops along them to {@link Arithmetic}. */
final class ScalarColumns implements ColumnKernels {

    private final Arithmetic math;
    private final long[] starts = new long[Columns.SAMPLE_ROWS];

    ScalarColumns(DataType type) {
        this.math = Arithmetic.of(type);
    }

    @Override
    public void pivots(Columns form, Tensor x, long matrix, Coefficients c) {
        for (int i = 0; i < starts.length; i++) {
            starts[i] = form.sample(matrix, i);
        }
        math.columnPivots(x, starts, form.cols(), c.pivot);
    }

    @Override
    public void sums(Columns form, Tensor x, long matrix, int chunk, Coefficients c, double[] s1, double[] s2) {
        sumRows(form, null, x, matrix, chunk, c, s1, s2);
    }

    @Override
    public void gradientSums(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, double[] s1,
            double[] s2) {
        sumRows(form, dy, x, matrix, chunk, c, s1, s2);
    }

    private void sumRows(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, double[] s1,
            double[] s2) {
        int width = form.width();
        math.stageColumns(c, width);
        java.util.Arrays.fill(s1, 0, width, 0);
        java.util.Arrays.fill(s2, 0, width, 0);
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row++) {
            int n = form.lengthOf(row);
            if (dy == null) {
                math.addShiftedRow(x, form.start(matrix, row), n);
            } else {
                math.addGradientRow(dy, x, form.start(matrix, row), n);
            }
            if ((row + 1) % Lanes.ROW_DEPTH == 0 || row + 1 == end) {
                math.flushColumns(s1, s2, 0, width);
            }
        }
    }

    @Override
    public void apply(Columns form, Tensor x, long matrix, int chunk, Coefficients c, Tensor y) {
        math.stageColumns(c, form.width());
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row++) {
            math.applyRow(x, y, form.start(matrix, row), form.lengthOf(row));
        }
    }

    @Override
    public void gradientApply(Columns form, Tensor dy, Tensor x, long matrix, int chunk, Coefficients c, Tensor dx) {
        math.stageGradientColumns(c, form.width());
        long end = form.endWideRow(chunk);
        for (long row = form.firstWideRow(chunk); row < end; row++) {
            math.gradientRow(dy, x, dx, form.start(matrix, row), form.lengthOf(row));
        }
    }
}
