package normkit.scalar;

import static normkit.geometry.Lanes.BLOCK;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** {@link Arithmetic} in double. */
final class DoubleArithmetic extends Arithmetic {

    private static final ValueLayout.OfDouble LAYOUT = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    /** Where the parts of {@link #lanes} start: constants, so that C2 sees that they do not overlap. */
    private static final int DY = PIECE;
    private static final int SCALE = 2 * PIECE;
    private static final int FIRST = 3 * PIECE;
    private static final int SECOND = 3 * PIECE + LANES;

    private final double[] lanes = new double[3 * PIECE + 2 * LANES];
    private final double[] block = new double[BLOCK];
    private final double[] gradients = new double[BLOCK];
    private final double[] scales = new double[BLOCK];
    private final double[] shifts = new double[BLOCK];

    private double[] row = {};
    private double[] gradientRow = {};
    private double[] columnFirst = {};
    private double[] columnSecond = {};
    private double[] columnPivot = {};
    private double[] columnGain = {};
    private double[] columnOffset = {};
    private double[] columnScale = {};
    private double[] columnShift = {};
    private double[] columnGradientGain = {};
    private double[] columnProjection = {};
    private double[] columnConstant = {};

    private static void load(Tensor t, long start, int n, double[] to, int at) {
        if (t.doubles() != null) {
            System.arraycopy(t.doubles(), (int) (t.offset() + start), to, at, n);
        } else {
            MemorySegment.copy(t.segment(), LAYOUT, t.offset() + start * Double.BYTES, to, at, n);
        }
    }

    private static void store(double[] from, Tensor t, long start, int n) {
        if (t.doubles() != null) {
            System.arraycopy(from, 0, t.doubles(), (int) (t.offset() + start), n);
        } else {
            MemorySegment.copy(from, 0, t.segment(), LAYOUT, t.offset() + start * Double.BYTES, n);
        }
    }

    @Override
    double pivot(Tensor x, long[] starts, int m) {
        double[] t = block;
        Arrays.fill(t, 0, 4 * NARROW_LANES, 0);
        for (int group = 0; group < 4; group++) {
            load(x, starts[group], m, t, group * NARROW_LANES);
        }
        for (int j = 0; j < NARROW_LANES; j++) {
            t[j] = (t[j] + t[j + NARROW_LANES]) + (t[j + 2 * NARROW_LANES] + t[j + 3 * NARROW_LANES]);
        }
        for (int half = NARROW_LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                t[j] += t[j + half];
            }
        }
        return t[0] / (4 * m);
    }

    @Override
    void clearLanes() {
        Arrays.fill(lanes, FIRST, FIRST + 2 * LANES, 0);
    }

    @Override
    void addShifted(Tensor x, long start, int n, double pivot) {
        double p = pivot;
        int i = 0;
        for (; i <= n - PIECE; i += PIECE) {
            load(x, start + i, PIECE, lanes, 0);
            addShiftedPiece(lanes, p);
        }
        for (; i < n; i += LANES) {
            int m = Math.min(LANES, n - i);
            load(x, start + i, m, lanes, 0);
            addShiftedLaneRow(lanes, m, p);
        }
    }

    private static void addShiftedPiece(double[] t, double p) {
        for (int j = 0; j < LANES; j++) {
            double s = t[FIRST + j];
            double q = t[SECOND + j];
            double d = t[j] - p;
            s += d;
            q = Math.fma(d, d, q);
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

    private static void addShiftedLaneRow(double[] t, int n, double p) {
        for (int j = 0; j < n; j++) {
            double d = t[j] - p;
            t[FIRST + j] += d;
            t[SECOND + j] = Math.fma(d, d, t[SECOND + j]);
        }
    }

    @Override
    void stageScale(Tensor scale, long at, int n) {
        if (scale == null) {
            Arrays.fill(scales, 0, n, 1);
        } else {
            load(scale, at, n, scales, 0);
        }
    }

    @Override
    void addGradients(Tensor dy, Tensor x, long start, int n, double pivot, double gain, double offset) {
        for (int i = 0; i < n; i += LANES) {
            int m = Math.min(LANES, n - i);
            load(x, start + i, m, lanes, 0);
            load(dy, start + i, m, lanes, DY);
            System.arraycopy(scales, i, lanes, SCALE, m);
            addGradientLaneRow(lanes, m, pivot, gain, offset);
        }
    }

    private static void addGradientLaneRow(double[] t, int n, double p, double a, double b) {
        for (int j = 0; j < n; j++) {
            double xhat = Math.fma(t[j] - p, a, b);
            double g = t[DY + j] * t[SCALE + j];
            t[FIRST + j] += g;
            t[SECOND + j] = Math.fma(g, xhat, t[SECOND + j]);
        }
    }

    @Override
    double foldFirst() {
        return fold(lanes, FIRST);
    }

    @Override
    double foldSecond() {
        return fold(lanes, SECOND);
    }

    private static double fold(double[] t, int base) {
        for (int half = LANES / 2; half >= NARROW_LANES; half /= 2) {
            for (int j = base; j < base + half; j++) {
                t[j] += t[j + half];
            }
        }
        double s0 = t[base] + t[base + 8];
        double s1 = t[base + 1] + t[base + 9];
        double s2 = t[base + 2] + t[base + 10];
        double s3 = t[base + 3] + t[base + 11];
        double s4 = t[base + 4] + t[base + 12];
        double s5 = t[base + 5] + t[base + 13];
        double s6 = t[base + 6] + t[base + 14];
        double s7 = t[base + 7] + t[base + 15];
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }

    @Override
    void apply(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset, double scale,
            double shift) {
        load(x, start, n, block, 0);
        applyBlock(block, n, pivot, gain, offset, scale, shift);
        store(block, y, start, n);
    }

    private static void applyBlock(double[] t, int n, double p, double a, double b, double scale, double shift) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), scale, shift);
        }
    }

    @Override
    void stageParameters(Tensor scale, Tensor shift, long at, int n, double absentScale, double absentShift) {
        if (scale == null) {
            Arrays.fill(scales, 0, n, absentScale);
        } else {
            load(scale, at, n, scales, 0);
        }
        if (shift == null) {
            Arrays.fill(shifts, 0, n, absentShift);
        } else {
            load(shift, at, n, shifts, 0);
        }
    }

    @Override
    void applyElementwise(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset) {
        load(x, start, n, block, 0);
        applyElements(block, n, pivot, gain, offset, scales, shifts);
        store(block, y, start, n);
    }

    private static void applyElements(double[] t, int n, double p, double a, double b, double[] scale, double[] shift) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), scale[i], shift[i]);
        }
    }

    @Override
    void gradient(Tensor dy, Tensor x, Tensor dx, long start, int n, double pivot, double gain, double offset,
            double gradientGain, double projection, double constant) {
        load(x, start, n, block, 0);
        load(dy, start, n, gradients, 0);
        gradientElements(block, gradients, scales, n, pivot, gain, offset, gradientGain,
                projection, constant);
        store(block, dx, start, n);
    }

    private static void gradientElements(double[] t, double[] dy, double[] scale, int n, double p, double a, double b,
            double gradientGain, double projection, double constant) {
        for (int i = 0; i < n; i++) {
            double xhat = Math.fma(t[i] - p, a, b);
            t[i] = Math.fma(dy[i] * scale[i], gradientGain, Math.fma(xhat, projection, constant));
        }
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
        if (columnPivot.length < width) {
            columnPivot = new double[width];
            columnGain = new double[width];
            columnOffset = new double[width];
            columnScale = new double[width];
            columnShift = new double[width];
            columnGradientGain = new double[width];
            columnProjection = new double[width];
            columnConstant = new double[width];
        }
        clearColumns(width);
        narrow(c.pivot, columnPivot, width);
        narrow(c.gain, columnGain, width);
        narrow(c.offset, columnOffset, width);
        narrow(c.scale, columnScale, width);
        narrow(c.shift, columnShift, width);
        narrow(c.gradientGain, columnGradientGain, width);
        narrow(c.projection, columnProjection, width);
        narrow(c.constant, columnConstant, width);
    }

    private static void narrow(double[] from, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = from[i];
        }
    }

    @Override
    void addShiftedRow(Tensor x, long start, int n) {
        load(x, start, n, row, 0);
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
        load(x, start, n, row, 0);
        load(dy, start, n, gradientRow, 0);
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
        load(x, start, n, row, 0);
        load(dy, start, n, gradientRow, 0);
        addParameters(row, gradientRow, pivot, gain, offset, columnFirst, columnSecond, n);
    }

    private static void addParameters(double[] t, double[] dy, double p, double a, double b, double[] first, double[] second,
            int n) {
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
        load(x, start, n, row, 0);
        applyColumns(row, n, columnPivot, columnGain, columnOffset, columnScale, columnShift);
        store(row, y, start, n);
    }

    private static void applyColumns(double[] t, int n, double[] p, double[] a, double[] b, double[] scale, double[] shift) {
        for (int j = 0; j < n; j++) {
            t[j] = Math.fma(Math.fma(t[j] - p[j], a[j], b[j]), scale[j], shift[j]);
        }
    }

    @Override
    void gradientRow(Tensor dy, Tensor x, Tensor dx, long start, int n) {
        load(x, start, n, row, 0);
        load(dy, start, n, gradientRow, 0);
        gradientColumns(row, gradientRow, n, columnPivot, columnGain, columnOffset, columnGradientGain, columnProjection,
                columnConstant);
        store(row, dx, start, n);
    }

    private static void gradientColumns(double[] t, double[] dy, int n, double[] p, double[] a, double[] b,
            double[] gradientGain, double[] projection, double[] constant) {
        for (int j = 0; j < n; j++) {
            double xhat = Math.fma(t[j] - p[j], a[j], b[j]);
            t[j] = Math.fma(dy[j], gradientGain[j], Math.fma(xhat, projection[j], constant[j]));
        }
    }

    @Override
    void columnPivots(Tensor x, long[] starts, int n, double[] pivot) {
        clearColumns(n);
        for (long start : starts) {
            load(x, start, n, row, 0);
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
