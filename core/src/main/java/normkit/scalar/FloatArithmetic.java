package normkit.scalar;

import static normkit.geometry.Lanes.BLOCK;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.util.Arrays;
import normkit.bulk.Copies;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** {@link Arithmetic} in float. */
final class FloatArithmetic extends Arithmetic {

    /** Elements between the parts of {@link #work}: a block and room for loops to run over. */
    private static final int PART = BLOCK + 2 * NARROW_LANES;
    /** Where the parts start, x at 0: constants, so that C2 sees that they do not overlap. */
    private static final int DY = PART;
    private static final int SCALE = 2 * PART;
    private static final int SHIFT = 3 * PART;
    private static final int FIRST = 4 * PART;
    private static final int SECOND = 5 * PART;

    private final float[] work = new float[6 * PART];

    private float[] row = {};
    private float[] gradientRow = {};
    private float[] columnFirst = {};
    private float[] columnSecond = {};
    private float[] columnPivot = {};
    private float[] columnGain = {};
    private float[] columnOffset = {};
    private float[] columnGradientGain = {};
    private float[] columnProjection = {};
    private float[] columnConstant = {};

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
        loadParameter(scale, start, n, SCALE, 1f);
    }

    @Override
    void loadShift(Tensor shift, long start, int n) {
        loadParameter(shift, start, n, SHIFT, -0f);
    }

    private void loadParameter(Tensor parameter, long start, int n, int at, float absent) {
        int filled = 0;
        if (parameter != null) {
            Copies.read(parameter, start, n, work, at);
            filled = n;
        }
        Arrays.fill(work, at + filled, at + BLOCK, absent);
    }

    @Override
    void pad(int from, int to, double value) {
        Arrays.fill(work, from, to, (float) value);
    }

    @Override
    void padGradient(int from, int to) {
        Arrays.fill(work, DY + from, DY + to, 0f);
    }

    @Override
    double pivot(int a, int b, int c, int d) {
        return ((work[a] + work[b]) + (work[c] + work[d])) / 4;
    }

    @Override
    void addShifted(double pivot, double[] first, double[] second) {
        sumShifted(work, (float) pivot);
        fold(work, FIRST, first);
        fold(work, SECOND, second);
    }

    private static void sumShifted(float[] t, float p) {
        for (int j = 0; j < LANES + PEELED; j++) {
            float d = t[j] - p;
            float s = d;
            float q = d * d;
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
        sumGradients(work, (float) pivot, (float) gain, (float) offset);
        fold(work, FIRST, first);
        fold(work, SECOND, second);
    }

    private static void sumGradients(float[] t, float p, float a, float b) {
        for (int j = 0; j < LANES + PEELED; j++) {
            float g = t[DY + j] * t[SCALE + j];
            float s = g;
            float q = g * Math.fma(t[j] - p, a, b);
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

    private static void fold(float[] t, int base, double[] sums) {
        for (int j = 0; j < NARROW_LANES; j++) {
            int i = base + j;
            float even = (t[i] + t[i + 64]) + (t[i + 32] + t[i + 96]);
            float odd = (t[i + 16] + t[i + 80]) + (t[i + 48] + t[i + 112]);
            sums[j] += even + odd;
        }
    }

    @Override
    void apply(int n, double pivot, double gain, double offset) {
        applyConstants(work, vectorTrips(n), (float) pivot, (float) gain, (float) offset);
    }

    private static void applyConstants(float[] t, int n, float p, float a, float b) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(t[i] - p, a, b);
        }
    }

    @Override
    void applyElementwise(int n, double pivot, double gain, double offset) {
        applyElements(work, vectorTrips(n), (float) pivot, (float) gain, (float) offset);
    }

    private static void applyElements(float[] t, int n, float p, float a, float b) {
        for (int i = 0; i < n; i++) {
            t[i] = Math.fma(Math.fma(t[i] - p, a, b), t[SCALE + i], t[SHIFT + i]);
        }
    }

    @Override
    void gradient(int n, double pivot, double gradientGain, double projection, double constant) {
        gradientElements(work, vectorTrips(n), (float) pivot, (float) gradientGain, (float) projection,
                (float) constant);
    }

    private static void gradientElements(float[] t, int n, float p, float gradientGain, float projection,
            float constant) {
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
            columnPivot = new float[width];
            columnGain = new float[width];
            columnOffset = new float[width];
            columnGradientGain = new float[width];
            columnProjection = new float[width];
            columnConstant = new float[width];
        }
        clearColumns(width);
    }

    private static void narrow(double[] from, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = (float) from[i];
        }
    }

    @Override
    void addShiftedRow(Tensor x, long start, int n) {
        Copies.read(x, start, n, row, 0);
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
        Copies.read(x, start, n, row, 0);
        Copies.read(dy, start, n, gradientRow, 0);
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
        Copies.read(x, start, n, row, 0);
        Copies.read(dy, start, n, gradientRow, 0);
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
        Copies.read(x, start, n, row, 0);
        applyColumns(row, n, columnPivot, columnGain, columnOffset);
        Copies.write(row, 0, n, y, start);
    }

    private static void applyColumns(float[] t, int n, float[] p, float[] a, float[] b) {
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

    private static void gradientColumns(float[] t, float[] dy, int n, float[] p, float[] gradientGain,
            float[] projection, float[] constant) {
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

    private static void addRow(float[] t, float[] sum, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += t[j];
        }
    }
}
