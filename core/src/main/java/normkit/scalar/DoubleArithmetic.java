package normkit.scalar;

import static normkit.geometry.Lanes.BLOCK;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.util.Arrays;
import normkit.bulk.Copies;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** {@link Arithmetic} in double. */
final class DoubleArithmetic extends Arithmetic {

    /** Elements between the parts of {@link #work}: a block and room for loops to run over. */
    private static final int PART = BLOCK + 2 * NARROW_LANES;
    /** Where the parts start, x at 0: constants, so that C2 sees that they do not overlap. */
    private static final int DY = PART;
    private static final int SCALE = 2 * PART;
    private static final int SHIFT = 3 * PART;
    private static final int FIRST = 4 * PART;
    private static final int SECOND = 5 * PART;

    private final double[] work = new double[6 * PART];

    private double[] row = {};
    private double[] gradientRow = {};
    private double[] columnFirst = {};
    private double[] columnSecond = {};
    private double[] columnPivot = {};
    private double[] columnGain = {};
    private double[] columnOffset = {};
    private double[] columnGradientGain = {};
    private double[] columnProjection = {};
    private double[] columnConstant = {};

    @Override
    void load(Tensor x, long start, int n, int at) {
        Copies.read(x, start, n, work, at);
    }

    @Override
    void loadGradient(Tensor dy, long start, int n, int at) {
        Copies.read(dy, start, n, work, DY + at);
    }

    @Override
    void loadScale(Tensor scale, long start, int n) {
        loadParameter(scale, start, n, SCALE, 1);
    }

    @Override
    void loadShift(Tensor shift, long start, int n) {
        loadParameter(shift, start, n, SHIFT, -0.0);
    }

    private void loadParameter(Tensor parameter, long start, int n, int at, double absent) {
        int filled = 0;
        if (parameter != null) {
            Copies.read(parameter, start, n, work, at);
            filled = n;
        }
        Arrays.fill(work, at + filled, at + BLOCK, absent);
    }

    @Override
    void pad(int from, int to, double value) {
        Arrays.fill(work, from, to, value);
    }

    @Override
    void padGradient(int from, int to) {
        Arrays.fill(work, DY + from, DY + to, 0);
    }

    @Override
    double pivot(int a, int b, int c, int d) {
        return ((work[a] + work[b]) + (work[c] + work[d])) / 4;
    }

    @Override
    void addShifted(double pivot, double[] first, double[] second) {
        sumShifted(work, pivot);
        fold(work, FIRST, first);
        fold(work, SECOND, second);
    }

    private static void sumShifted(double[] t, double p) {
        for (int j = 0; j < LANES + PEELED; j++) {
            double d = t[j] - p;
            double s = d;
            double q = d * d;
            d = t[j + LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 2 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 3 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 4 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 5 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 6 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            d = t[j + 7 * LANES] - p;
            s += d;
            q = Math.fma(d, d, q);
            t[FIRST + j] = s;
            t[SECOND + j] = q;
        }
    }

    @Override
    void addGradients(double pivot, double gain, double offset, double[] first, double[] second) {
        sumGradients(work, pivot, gain, offset);
        fold(work, FIRST, first);
        fold(work, SECOND, second);
    }

    private static void sumGradients(double[] t, double p, double a, double b) {
        for (int j = 0; j < LANES + PEELED; j++) {
            double g = t[DY + j] * t[SCALE + j];
            double s = g;
            double q = g * Math.fma(t[j] - p, a, b);
            g = t[DY + j + LANES] * t[SCALE + j + LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + LANES] - p, a, b), q);
            g = t[DY + j + 2 * LANES] * t[SCALE + j + 2 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 2 * LANES] - p, a, b), q);
            g = t[DY + j + 3 * LANES] * t[SCALE + j + 3 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 3 * LANES] - p, a, b), q);
            g = t[DY + j + 4 * LANES] * t[SCALE + j + 4 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 4 * LANES] - p, a, b), q);
            g = t[DY + j + 5 * LANES] * t[SCALE + j + 5 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 5 * LANES] - p, a, b), q);
            g = t[DY + j + 6 * LANES] * t[SCALE + j + 6 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 6 * LANES] - p, a, b), q);
            g = t[DY + j + 7 * LANES] * t[SCALE + j + 7 * LANES];
            s += g;
            q = Math.fma(g, Math.fma(t[j + 7 * LANES] - p, a, b), q);
            t[FIRST + j] = s;
            t[SECOND + j] = q;
        }
    }

    private static void fold(double[] t, int base, double[] sums) {
        for (int j = 0; j < NARROW_LANES; j++) {
            int i = base + j;
            double even = (t[i] + t[i + 64]) + (t[i + 32] + t[i + 96]);
            double odd = (t[i + 16] + t[i + 80]) + (t[i + 48] + t[i + 112]);
            sums[j] += even + odd;
        }
    }

    @Override
    void apply(int n, double pivot, double gain, double offset) {
        applyConstants(work, vectorTrips(n), pivot, gain, offset);
    }

    private static void applyConstants(double[] t, int n, double p, double a, double b) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(t[i] - p, a, b);
        }
    }

    @Override
    void applyElementwise(int n, double pivot, double gain, double offset) {
        applyElements(work, vectorTrips(n), pivot, gain, offset);
    }

    private static void applyElements(double[] t, int n, double p, double a, double b) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), t[SCALE + i], t[SHIFT + i]);
        }
    }

    @Override
    void gradient(int n, double pivot, double gradientGain, double projection, double constant) {
        gradientElements(work, vectorTrips(n), pivot, gradientGain, projection, constant);
    }

    private static void gradientElements(double[] t, int n, double p, double gradientGain, double projection,
            double constant) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(t[DY + i] * t[SCALE + i], gradientGain, Math.fma(t[i] - p, projection, constant));
        }
    }

    @Override
    void save(Tensor y, long start, int n) {
        Copies.write(work, 0, n, y, start);
    }

    @Override
    void clearColumns(int width) {
        if (columnFirst.length < width) {
            row = new double[width];
            gradientRow = new double[width];
            columnFirst = new double[width];
            columnSecond = new double[width];
        }
        Arrays.fill(columnFirst, 0, width, 0);
        Arrays.fill(columnSecond, 0, width, 0);
    }

    @Override
    void stageColumns(Coefficients c, int width) {
        makeRoom(width);
        narrow(c.pivot, columnPivot, width);
        narrow(c.gain, columnGain, width);
        narrow(c.offset, columnOffset, width);
    }

    @Override
    void stageGradientColumns(Coefficients c, int width) {
        makeRoom(width);
        narrow(c.pivot, columnPivot, width);
        narrow(c.gradientGain, columnGradientGain, width);
        narrow(c.projection, columnProjection, width);
        narrow(c.constant, columnConstant, width);
    }

    private void makeRoom(int width) {
        if (columnPivot.length < width) {
            columnPivot = new double[width];
            columnGain = new double[width];
            columnOffset = new double[width];
            columnGradientGain = new double[width];
            columnProjection = new double[width];
            columnConstant = new double[width];
        }
        clearColumns(width);
    }

    private static void narrow(double[] from, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = from[i];
        }
    }

    @Override
    void addShiftedRow(Tensor x, long start, int n) {
        Copies.read(x, start, n, row, 0);
        addShifted(row, columnPivot, columnFirst, columnSecond, n);
    }

    private static void addShifted(double[] t, double[] p, double[] first, double[] second, int n) {
        for (int j = 0; j < n; j++) {
            double d = t[j] - p[j];
            first[j] += d;
            second[j] = Math.fma(d, d, second[j]);
        }
    }

    @Override
    void addGradientRow(Tensor dy, Tensor x, long start, int n) {
        Copies.read(x, start, n, row, 0);
        Copies.read(dy, start, n, gradientRow, 0);
        addGradients(row, gradientRow, columnPivot, columnGain, columnOffset, columnFirst, columnSecond, n);
    }

    private static void addGradients(double[] t, double[] dy, double[] p, double[] a, double[] b, double[] first,
            double[] second, int n) {
        for (int j = 0; j < n; j++) {
            double xhat = Math.fma(t[j] - p[j], a[j], b[j]);
            first[j] += dy[j];
            second[j] = Math.fma(dy[j], xhat, second[j]);
        }
    }

    @Override
    void addParameterRow(Tensor dy, Tensor x, long start, int n, double pivot, double gain, double offset) {
        Copies.read(x, start, n, row, 0);
        Copies.read(dy, start, n, gradientRow, 0);
        addParameters(row, gradientRow, pivot, gain, offset, columnFirst, columnSecond, n);
    }

    private static void addParameters(double[] t, double[] dy, double p, double a, double b, double[] first,
            double[] second, int n) {
        for (int j = 0; j < n; j++) {
            double xhat = Math.fma(t[j] - p, a, b);
            first[j] += dy[j];
            second[j] = Math.fma(dy[j], xhat, second[j]);
        }
    }

    @Override
    void flushColumns(double[] first, double[] second, int at, int width) {
        widen(columnFirst, first, at, width);
        widen(columnSecond, second, at, width);
        clearColumns(width);
    }

    private static void widen(double[] from, double[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            to[at + j] += from[j];
        }
    }

    @Override
    void applyRow(Tensor x, Tensor y, long start, int n) {
        Copies.read(x, start, n, row, 0);
        applyColumns(row, n, columnPivot, columnGain, columnOffset);
        Copies.write(row, 0, n, y, start);
    }

    private static void applyColumns(double[] t, int n, double[] p, double[] a, double[] b) {
        for (int j = 0; j < n; j++) {
            t[j] = Math.fma(t[j] - p[j], a[j], b[j]);
        }
    }

    @Override
    void gradientRow(Tensor dy, Tensor x, Tensor dx, long start, int n) {
        Copies.read(x, start, n, row, 0);
        Copies.read(dy, start, n, gradientRow, 0);
        gradientColumns(row, gradientRow, n, columnPivot, columnGradientGain, columnProjection, columnConstant);
        Copies.write(row, 0, n, dx, start);
    }

    private static void gradientColumns(double[] t, double[] dy, int n, double[] p, double[] gradientGain,
            double[] projection, double[] constant) {
        for (int j = 0; j < n; j++) {
            t[j] = Math.fma(dy[j], gradientGain[j], Math.fma(t[j] - p[j], projection[j], constant[j]));
        }
    }

    @Override
    void columnPivots(Tensor x, long[] starts, int n, double[] pivot) {
        clearColumns(n);
        for (long start : starts) {
            Copies.read(x, start, n, row, 0);
            addRow(row, columnFirst, n);
        }
        for (int j = 0; j < n; j++) {
            pivot[j] = columnFirst[j] / starts.length;
        }
    }

    private static void addRow(double[] t, double[] sum, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += t[j];
        }
    }
}
