package normkit.scalar;

import static normkit.geometry.Lanes.BLOCK;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** {@link Arithmetic} in float; the lanes are folded to {@value normkit.geometry.Lanes#NARROW_LANES} in float. */
final class FloatArithmetic extends Arithmetic {

    private static final ValueLayout.OfFloat LAYOUT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Where the parts of {@link #lanes} start: constants, so that C2 sees that they do not overlap. */
    private static final int DY = PIECE;
    private static final int SCALE = 2 * PIECE;
    private static final int FIRST = 3 * PIECE;
    private static final int SECOND = 3 * PIECE + LANES;

    private final float[] lanes = new float[3 * PIECE + 2 * LANES];
    private final float[] block = new float[BLOCK];
    private final float[] gradients = new float[BLOCK];
    private final float[] scales = new float[BLOCK];
    private final float[] shifts = new float[BLOCK];

    private float[] row = {};
    private float[] gradientRow = {};
    private float[] columnFirst = {};
    private float[] columnSecond = {};
    private float[] columnPivot = {};
    private float[] columnGain = {};
    private float[] columnOffset = {};
    private float[] columnScale = {};
    private float[] columnShift = {};
    private float[] columnGradientGain = {};
    private float[] columnProjection = {};
    private float[] columnConstant = {};

    private static void load(Tensor t, long start, int n, float[] to, int at) {
        if (t.floats() != null) {
            System.arraycopy(t.floats(), (int) (t.offset() + start), to, at, n);
        } else {
            MemorySegment.copy(t.segment(), LAYOUT, t.offset() + start * Float.BYTES, to, at, n);
        }
    }

    private static void store(float[] from, Tensor t, long start, int n) {
        if (t.floats() != null) {
            System.arraycopy(from, 0, t.floats(), (int) (t.offset() + start), n);
        } else {
            MemorySegment.copy(from, 0, t.segment(), LAYOUT, t.offset() + start * Float.BYTES, n);
        }
    }

    @Override
    double pivot(Tensor x, long[] starts, int m) {
        float[] t = block;
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
        float p = (float) pivot;
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

    private static void addShiftedPiece(float[] t, float p) {
        for (int j = 0; j < LANES; j++) {
            float s = t[FIRST + j];
            float q = t[SECOND + j];
            float d = t[j] - p;
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

    private static void addShiftedLaneRow(float[] t, int n, float p) {
        for (int j = 0; j < n; j++) {
            float d = t[j] - p;
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
            addGradientLaneRow(lanes, m, (float) pivot, (float) gain, (float) offset);
        }
    }

    private static void addGradientLaneRow(float[] t, int n, float p, float a, float b) {
        for (int j = 0; j < n; j++) {
            float xhat = Math.fma(t[j] - p, a, b);
            float g = t[DY + j] * t[SCALE + j];
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

    private static double fold(float[] t, int base) {
        for (int half = LANES / 2; half >= NARROW_LANES; half /= 2) {
            for (int j = base; j < base + half; j++) {
                t[j] += t[j + half];
            }
        }
        double s0 = (double) t[base] + t[base + 8];
        double s1 = (double) t[base + 1] + t[base + 9];
        double s2 = (double) t[base + 2] + t[base + 10];
        double s3 = (double) t[base + 3] + t[base + 11];
        double s4 = (double) t[base + 4] + t[base + 12];
        double s5 = (double) t[base + 5] + t[base + 13];
        double s6 = (double) t[base + 6] + t[base + 14];
        double s7 = (double) t[base + 7] + t[base + 15];
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }

    @Override
    void apply(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset, double scale,
            double shift) {
        load(x, start, n, block, 0);
        applyBlock(block, n, (float) pivot, (float) gain, (float) offset, (float) scale, (float) shift);
        store(block, y, start, n);
    }

    private static void applyBlock(float[] t, int n, float p, float a, float b, float scale, float shift) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), scale, shift);
        }
    }

    @Override
    void stageParameters(Tensor scale, Tensor shift, long at, int n, double absentScale, double absentShift) {
        if (scale == null) {
            Arrays.fill(scales, 0, n, (float) absentScale);
        } else {
            load(scale, at, n, scales, 0);
        }
        if (shift == null) {
            Arrays.fill(shifts, 0, n, (float) absentShift);
        } else {
            load(shift, at, n, shifts, 0);
        }
    }

    @Override
    void applyElementwise(Tensor x, Tensor y, long start, int n, double pivot, double gain, double offset) {
        load(x, start, n, block, 0);
        applyElements(block, n, (float) pivot, (float) gain, (float) offset, scales, shifts);
        store(block, y, start, n);
    }

    private static void applyElements(float[] t, int n, float p, float a, float b, float[] scale, float[] shift) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), scale[i], shift[i]);
        }
    }

    @Override
    void gradient(Tensor dy, Tensor x, Tensor dx, long start, int n, double pivot, double gain, double offset,
            double gradientGain, double projection, double constant) {
        load(x, start, n, block, 0);
        load(dy, start, n, gradients, 0);
        gradientElements(block, gradients, scales, n, (float) pivot, (float) gain, (float) offset, (float) gradientGain,
                (float) projection, (float) constant);
        store(block, dx, start, n);
    }

    private static void gradientElements(float[] t, float[] dy, float[] scale, int n, float p, float a, float b,
            float gradientGain, float projection, float constant) {
        for (int i = 0; i < n; i++) {
            float xhat = Math.fma(t[i] - p, a, b);
            t[i] = Math.fma(dy[i] * scale[i], gradientGain, Math.fma(xhat, projection, constant));
        }
    }

    @Override
    void clearColumns(int width) {
        if (columnFirst.length < width) {
            row = new float[width];
            gradientRow = new float[width];
            columnFirst = new float[width];
            columnSecond = new float[width];
        }
        Arrays.fill(columnFirst, 0, width, 0);
        Arrays.fill(columnSecond, 0, width, 0);
    }

    @Override
    void stageColumns(Coefficients c, int width) {
        if (columnPivot.length < width) {
            columnPivot = new float[width];
            columnGain = new float[width];
            columnOffset = new float[width];
            columnScale = new float[width];
            columnShift = new float[width];
            columnGradientGain = new float[width];
            columnProjection = new float[width];
            columnConstant = new float[width];
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

    private static void narrow(double[] from, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = (float) from[i];
        }
    }

    @Override
    void addShiftedRow(Tensor x, long start, int n) {
        load(x, start, n, row, 0);
        addShifted(row, columnPivot, columnFirst, columnSecond, n);
    }

    private static void addShifted(float[] t, float[] p, float[] first, float[] second, int n) {
        for (int j = 0; j < n; j++) {
            float d = t[j] - p[j];
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

    private static void addGradients(float[] t, float[] dy, float[] p, float[] a, float[] b, float[] first,
            float[] second, int n) {
        for (int j = 0; j < n; j++) {
            float xhat = Math.fma(t[j] - p[j], a[j], b[j]);
            first[j] += dy[j];
            second[j] = Math.fma(dy[j], xhat, second[j]);
        }
    }

    @Override
    void addParameterRow(Tensor dy, Tensor x, long start, int n, double pivot, double gain, double offset) {
        load(x, start, n, row, 0);
        load(dy, start, n, gradientRow, 0);
        addParameters(row, gradientRow, (float) pivot, (float) gain, (float) offset, columnFirst, columnSecond, n);
    }

    private static void addParameters(float[] t, float[] dy, float p, float a, float b, float[] first, float[] second,
            int n) {
        for (int j = 0; j < n; j++) {
            float xhat = Math.fma(t[j] - p, a, b);
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

    private static void widen(float[] from, double[] to, int at, int n) {
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

    private static void applyColumns(float[] t, int n, float[] p, float[] a, float[] b, float[] scale, float[] shift) {
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

    private static void gradientColumns(float[] t, float[] dy, int n, float[] p, float[] a, float[] b,
            float[] gradientGain, float[] projection, float[] constant) {
        for (int j = 0; j < n; j++) {
            float xhat = Math.fma(t[j] - p[j], a[j], b[j]);
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

    private static void addRow(float[] t, float[] sum, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += t[j];
        }
    }
}
