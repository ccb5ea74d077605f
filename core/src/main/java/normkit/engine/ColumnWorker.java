package normkit.engine;

import java.util.Arrays;
import normkit.geometry.Columns;
import normkit.moments.Moments;
import normkit.moments.ShiftedSums;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Runs problems whose sets are columns, matrix by matrix. */
final class ColumnWorker implements Worker {

    private final Problem problem;
    private final Form.OfColumns form;
    private final Columns columns;
    private final ColumnKernels kernels;
    private final int width;
    private final int cols;

    private final Moments column = new Moments();
    private final Moments moments = new Moments();
    private final WideSets wide = new WideSets();
    private final WideSets.Place place = new WideSets.Place();
    private final Trust trust;
    private final SetValues values;
    private final Coefficients c;
    private final double[] first;
    private final double[] second;
    private final ShiftedSums[] shifted;
    private final double[] columnSum;
    private final double[] columnDot;
    private final double[] wideSums = new double[2];
    private final double[] parameterScale;
    private final double[] parameterShift;

    ColumnWorker(Problem problem, Form.OfColumns form, ColumnKernels kernels) {
        this.problem = problem;
        this.form = form;
        this.columns = form.columns();
        this.kernels = kernels;
        this.width = columns.width();
        this.cols = columns.cols();
        this.trust = Trust.of(problem.type());
        this.values = new SetValues(problem, columns.setsPerMatrix());
        this.c = new Coefficients(width);
        this.first = new double[width];
        this.second = new double[width];
        this.shifted = new ShiftedSums[problem.pass() == Pass.FORWARD ? cols : 0];
        Arrays.setAll(shifted, i -> new ShiftedSums());
        boolean backward = problem.pass().backward();
        this.columnSum = new double[backward ? cols : 0];
        this.columnDot = new double[backward ? cols : 0];
        int parameters = backward ? (int) problem.parameterSpec().elements() : 0;
        this.parameterScale = new double[parameters];
        this.parameterShift = new double[parameters];
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        for (long matrix = 0; matrix < columns.batch(); matrix++) {
            if (problem.pass() == Pass.INFERENCE) {
                readStatistics(matrix, statistics);
            } else {
                computeStatistics(x, matrix, statistics);
            }
            if (fillForward(scale, shift)) {
                applyWide(x, y, matrix);
            } else {
                for (int chunk = 0; chunk < columns.chunks(); chunk++) {
                    kernels.apply(columns, x, matrix, chunk, c, y);
                }
            }
        }
    }

    private void readStatistics(long matrix, Statistics statistics) {
        int sets = columns.setsPerMatrix();
        for (int i = 0; i < sets; i++) {
            values.read(i, matrix * sets + i, statistics);
        }
    }

    private void computeStatistics(Tensor x, long matrix, Statistics out) {
        kernels.pivots(columns, x, matrix, c);
        sum(x, matrix);
        if (movePoorPivots()) {
            sum(x, matrix);
        }
        int sets = columns.setsPerMatrix();
        for (int set = 0; set < sets; set++) {
            moments.clear();
            for (int j = set * columns.fold(); j < (set + 1) * columns.fold(); j++) {
                settle(x, matrix, j);
                moments.merge(column);
            }
            values.take(set, moments, matrix * sets + set, out);
        }
    }

    /** Sums of every column of a matrix: chunks in order, and within a chunk the wide columns of a column in order. */
    private void sum(Tensor x, long matrix) {
        for (int j = cols; j < width; j++) {
            c.pivot[j] = c.pivot[j - cols];
        }
        for (ShiftedSums sums : shifted) {
            sums.clear();
        }
        for (int chunk = 0; chunk < columns.chunks(); chunk++) {
            kernels.sums(columns, x, matrix, chunk, c, first, second);
            for (int j = 0; j < width; j++) {
                shifted[j % cols].add(first[j], second[j]);
            }
        }
    }

    private boolean movePoorPivots() {
        boolean moved = false;
        double count = columns.rows();
        for (int j = 0; j < cols; j++) {
            if (trust.holds(shifted[j], count, c.pivot[j]) && shifted[j].poor(count)) {
                c.pivot[j] = problem.type().round(c.pivot[j] + shifted[j].s1() / count);
                moved = true;
            }
        }
        return moved;
    }

    private void settle(Tensor x, long matrix, int j) {
        double count = columns.rows();
        if (!trust.holds(shifted[j], count, c.pivot[j]) || shifted[j].poor(count)) {
            wide.moments(place(matrix, j), x, true, column);
        } else {
            shifted[j].toMoments(count, c.pivot[j], column);
        }
    }

    private WideSets.Place place(long matrix, int column) {
        return place.at(matrix * columns.rows() * cols + column, columns.rows(), cols, 1);
    }

    /** Fills the coefficients of all wide columns; true if a set has to be done in double. */
    private boolean fillForward(Tensor scale, Tensor shift) {
        boolean anyWide = false;
        for (int j = 0; j < cols; j++) {
            int set = j / columns.fold();
            values.fill(set, c, j);
            anyWide |= values.wide(set);
            int parameter = form.parameterPerSet() ? set : j;
            c.scale[j] = scale == null ? 1 : scale.get(parameter);
            c.shift[j] = shift == null ? -0.0 : shift.get(parameter);
        }
        repeat(c.pivot);
        repeat(c.gain);
        repeat(c.offset);
        repeat(c.scale);
        repeat(c.shift);
        return anyWide;
    }

    private void repeat(double[] perColumn) {
        for (int at = cols; at < width; at += cols) {
            System.arraycopy(perColumn, 0, perColumn, at, cols);
        }
    }

    private void applyWide(Tensor x, Tensor y, long matrix) {
        for (int j = 0; j < cols; j++) {
            wide.apply(place(matrix, j), x, values, j / columns.fold(), null, null, c.scale[j], c.shift[j], y);
        }
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        Arrays.fill(parameterScale, 0);
        Arrays.fill(parameterShift, 0);
        boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
        for (long matrix = 0; matrix < columns.batch(); matrix++) {
            readStatistics(matrix, statistics);
            boolean anyWide = fillForward(scale, null);
            if (!frozen || dscale != null || dshift != null) {
                sumGradients(dy, x, matrix, anyWide);
            }
            if (dx != null && frozen) {
                frozen(dy, dx, matrix);
            } else if (dx != null) {
                gradient(dy, x, dx, matrix, anyWide);
            }
        }
        store(parameterScale, dscale);
        store(parameterShift, dshift);
    }

    private static void store(double[] from, Tensor to) {
        if (to != null) {
            for (int i = 0; i < from.length; i++) {
                to.set(i, from[i]);
            }
        }
    }

    private void sumGradients(Tensor dy, Tensor x, long matrix, boolean anyWide) {
        Arrays.fill(columnSum, 0);
        Arrays.fill(columnDot, 0);
        for (int chunk = 0; chunk < columns.chunks() && !anyWide; chunk++) {
            kernels.gradientSums(columns, dy, x, matrix, chunk, c, first, second);
            for (int j = 0; j < width; j++) {
                columnSum[j % cols] += first[j];
                columnDot[j % cols] += second[j];
            }
        }
        for (int j = 0; j < cols; j++) {
            int set = j / columns.fold();
            if (anyWide) {
                wide.gradientSums(place(matrix, j), dy, x, values, set, null, wideSums, 0);
                columnSum[j] = wideSums[0];
                columnDot[j] = wideSums[1];
            }
            int parameter = form.parameterPerSet() ? set : j;
            parameterShift[parameter] += columnSum[j];
            parameterScale[parameter] += columnDot[j];
        }
    }

    private void gradient(Tensor dy, Tensor x, Tensor dx, long matrix, boolean anyWide) {
        double count = columns.count();
        for (int set = 0; set < columns.setsPerMatrix(); set++) {
            double sum = 0;
            double dot = 0;
            int end = (set + 1) * columns.fold();
            for (int j = set * columns.fold(); j < end; j++) {
                sum += c.scale[j] * columnSum[j];
                dot += c.scale[j] * columnDot[j];
            }
            for (int j = set * columns.fold(); j < end; j++) {
                values.fillGradient(set, c, j, c.scale[j], sum, dot, count);
                if (anyWide) {
                    wide.gradient(place(matrix, j), dy, x, values, set, null, values.rstd[set] * c.scale[j],
                            -values.rstd[set] * (dot / count), -values.rstd[set] * (sum / count), dx);
                }
            }
        }
        if (!anyWide) {
            repeat(c.gradientGain);
            repeat(c.projection);
            repeat(c.constant);
            for (int chunk = 0; chunk < columns.chunks(); chunk++) {
                kernels.gradientApply(columns, dy, x, matrix, chunk, c, dx);
            }
        }
    }

    /** Constant statistics: dx = γ·rstd·dy, which is the forward formula without a mean and must not depend on x. */
    private void frozen(Tensor dy, Tensor dx, long matrix) {
        for (int j = 0; j < cols; j++) {
            c.gain[j] = problem.type().round(values.rstd[j / columns.fold()] * c.scale[j]);
        }
        repeat(c.gain);
        Arrays.fill(c.pivot, 0);
        Arrays.fill(c.offset, -0.0);
        Arrays.fill(c.scale, 1);
        Arrays.fill(c.shift, -0.0);
        for (int chunk = 0; chunk < columns.chunks(); chunk++) {
            kernels.apply(columns, dy, matrix, chunk, c, dx);
        }
    }
}
