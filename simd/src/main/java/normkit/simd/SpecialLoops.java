package normkit.simd;

import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import normkit.spi.Coefficients;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * {@link Loops} in vectors: the template of the hidden classes {@link Specializer} makes. The order of every sum is that of
 * docs/numerics.md whatever the size of a vector.
 *
 * <p>C2 gives up inlining in a compilation that has become too big, and where it does so, every vector becomes an object.
 * Hence everything a loop consists of is in this one class, whose constants it needs; a loop has few operands off the
 * heap, each of which costs as much as several on it; and what has vectors is a method of more bytecode than C2 ever
 * inlines (325 bytes), so that it is compiled by itself whoever calls it. A test holds the last.
 *
 * <p>Columns are walked row by row, their sums in scratch memory, so that memory is read and written from front to back;
 * two rows at a time, so that the sums are loaded and stored half as often.
 *
 * <p>Sums of moments and of gradients are the same loops: Σu and Σu·v, where u and v are both x − pivot, or g and x̂.
 */
final class SpecialLoops extends Loops {

    private static final Traits SPECIAL = Specializer.traits(MethodHandles.lookup());

    /** Parts of {@link #narrow}, in units of a wide row. */
    private static final int PIVOT = 0;
    private static final int GAIN = 1;
    private static final int OFFSET = 2;
    private static final int GRADIENT_GAIN = 3;
    private static final int PROJECTION = 4;
    private static final int CONSTANT = 5;
    private static final int PARTS = 6;

    private static final int LINE_BYTES = 64;

    private final Traits given;
    /** Sums per lane of a block of runs: first all of Σu, then all of Σu·v. */
    private final Tensor lanes;
    /** The coefficients of a wide row in the element's type, part after part. */
    private Tensor narrow;
    /** Sums per column of a block of rows: first all of Σu, then, from {@link #columns} on, all of Σu·v. */
    private Tensor sums;
    private int columns;
    private int width;
    /** Keeps the compiler from leaving out the touching of memory. */
    private double touched;

    SpecialLoops(Traits traits) {
        this.given = traits;
        this.lanes = scratch(2 * LANES);
    }

    private Tensor scratch(long elements) {
        return Tensor.allocate(TensorSpec.rows(elements).as(traits().type()));
    }

    private Traits traits() {
        return SPECIAL != null ? SPECIAL : given;
    }

    @SuppressWarnings("unchecked")
    private <E> VectorSpecies<E> species() {
        return (VectorSpecies<E>) traits().species();
    }

    private boolean isFloat() {
        return traits().type() == DataType.F32;
    }

    private int bytes() {
        return traits().type().bytes();
    }

    @SuppressWarnings("unchecked")
    private <E> Vector<E> load(boolean heap, Tensor t, long i) {
        if (!heap) {
            return this.<E>species().fromMemorySegment(t.segment(), t.offset() + i * bytes(), ByteOrder.nativeOrder());
        }
        int at = (int) (t.offset() + i);
        return (Vector<E>) (isFloat()
                ? FloatVector.fromArray(this.species(), t.floats(), at)
                : DoubleVector.fromArray(this.species(), t.doubles(), at));
    }

    private <E> Vector<E> load(Tensor t, long i) {
        return load(true, t, i);
    }

    private <E> Vector<E> x(Tensor x, long i) {
        return load(traits().xHeap(), x, i);
    }

    private <E> Vector<E> gradient(Tensor dy, long i) {
        return load(traits().gradientHeap(), dy, i);
    }

    private <E> void store(boolean heap, Vector<E> v, Tensor t, long i) {
        if (!heap) {
            v.intoMemorySegment(t.segment(), t.offset() + i * bytes(), ByteOrder.nativeOrder());
        } else if (isFloat()) {
            ((FloatVector) v).intoArray(t.floats(), (int) (t.offset() + i));
        } else {
            ((DoubleVector) v).intoArray(t.doubles(), (int) (t.offset() + i));
        }
    }

    private <E> void store(Vector<E> v, Tensor t, long i) {
        store(true, v, t, i);
    }

    private <E> void setOut(Tensor out, long i, Vector<E> v) {
        store(traits().outHeap(), v, out, i);
    }

    @SuppressWarnings("unchecked")
    private <E> Vector<E> splat(double value) {
        return (Vector<E>) (isFloat()
                ? FloatVector.broadcast(this.species(), (float) value)
                : DoubleVector.broadcast(this.species(), value));
    }

    private static <E> Vector<E> fma(Vector<E> a, Vector<E> b, Vector<E> c) {
        return a.lanewise(VectorOperators.FMA, b, c);
    }

    /** x̂ from x. */
    private static <E> Vector<E> xhat(Vector<E> x, Vector<E> pivot, Vector<E> gain, Vector<E> offset) {
        return fma(x.sub(pivot), gain, offset);
    }

    private double get(boolean heap, Tensor t, long i) {
        long at = t.offset() + i * (heap ? 1 : bytes());
        if (isFloat()) {
            return heap ? t.floats()[(int) at] : t.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        }
        return heap ? t.doubles()[(int) at] : t.segment().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
    }

    private double get(Tensor t, long i) {
        return get(true, t, i);
    }

    private double element(Tensor x, long i) {
        return get(traits().xHeap(), x, i);
    }

    /** Rounds to the element's type; a sum of two elements comes out as if it were formed in that type. */
    private double round(double value) {
        return isFloat() ? (float) value : value;
    }

    private double fma(double a, double b, double c) {
        return isFloat() ? Math.fma((float) a, (float) b, (float) c) : Math.fma(a, b, c);
    }

    private double xhat(double x, double pivot, double gain, double offset) {
        return fma(round(x - pivot), gain, offset);
    }

    /** Adds u to one sum in scratch memory and u·v to another. */
    private <E> void addSums(Tensor scratch, int first, int second, Vector<E> u, Vector<E> v) {
        store(this.<E>load(scratch, first).add(u), scratch, first);
        store(fma(u, v, load(scratch, second)), scratch, second);
    }

    private void addSums(Tensor scratch, int first, int second, double u, double v) {
        scratch.set(first, get(scratch, first) + u);
        scratch.set(second, fma(u, v, get(scratch, second)));
    }

    /** Adds n elements of scratch memory to sums in double: a plain loop, which C2 makes vectors of by itself. */
    private void widen(Tensor from, int at, int n, double[] to, int start) {
        if (isFloat()) {
            float[] floats = from.floats();
            for (int i = 0; i < n; i++) {
                to[start + i] += floats[at + i];
            }
        } else {
            double[] doubles = from.doubles();
            for (int i = 0; i < n; i++) {
                to[start + i] += doubles[at + i];
            }
        }
    }

    @Override
    double pivot(Tensor x, long i, long j, long k, long l) {
        double sum = round(round(element(x, i) + element(x, j)) + round(element(x, k) + element(x, l)));
        return round(sum / 4);
    }

    @Override
    void touch(Tensor x, Tensor dy, long at, int n) {
        touched = touch(traits().xHeap(), x, at, n);
        if (traits().hasGradient()) {
            touched += touch(traits().gradientHeap(), dy, at, n);
        }
    }

    /** Reads an element of every cache line, by plain loads with four sums, so that many are under way at once. */
    private double touch(boolean heap, Tensor t, long at, int n) {
        if (!heap) {
            return touch(t.segment(), t.offset() + at * bytes(), n * bytes());
        }
        int from = (int) (t.offset() + at);
        return isFloat() ? touch(t.floats(), from, from + n) : touch(t.doubles(), from, from + n);
    }

    private static double touch(float[] t, int from, int to) {
        int line = LINE_BYTES / Float.BYTES;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int i = from; i < to - 3 * line; i += 4 * line) {
            s0 += t[i];
            s1 += t[i + line];
            s2 += t[i + 2 * line];
            s3 += t[i + 3 * line];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static double touch(double[] t, int from, int to) {
        int line = LINE_BYTES / Double.BYTES;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int i = from; i < to - 3 * line; i += 4 * line) {
            s0 += t[i];
            s1 += t[i + line];
            s2 += t[i + 2 * line];
            s3 += t[i + 3 * line];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static double touch(MemorySegment t, long from, int n) {
        int sum = 0;
        for (int i = 0; i < n; i += LINE_BYTES) {
            sum += t.get(ValueLayout.JAVA_BYTE, from + i);
        }
        return sum;
    }

    @Override
    <E> void sumRuns(Tensor x, Tensor dy, Tensor scale, long at, long stride, int runs, int length, long parameter,
            double pivot, double gain, double offset, double[] first, double[] second) {
        if (runs == 1 && length % LANES == 0) {
            sumLaneRows(x, dy, scale, at, parameter, length / LANES, pivot, gain, offset);
            foldLanes(first, second);
            return;
        }
        int step = this.<E>species().length();
        int used = length <= NARROW_LANES ? NARROW_LANES : LANES;
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        clearLanes(used);
        for (int run = 0; run < runs; run++) {
            for (int from = 0; from < length; from += LANES) {
                long i = at + run * stride + from;
                int n = Math.min(LANES, length - from);
                int lane = 0;
                for (; lane <= n - step; lane += step) {
                    Vector<E> d = this.<E>x(x, i + lane).sub(p);
                    Vector<E> u = u(d, dy, scale, i + lane, parameter + from + lane);
                    addSums(lanes, lane, LANES + lane, u, v(d, a, b));
                }
                for (; lane < n; lane++) {
                    double d = round(element(x, i + lane) - pivot);
                    double u = u(d, dy, scale, i + lane, parameter + from + lane);
                    addSums(lanes, lane, LANES + lane, u, traits().hasGradient() ? fma(d, gain, offset) : d);
                }
            }
        }
        if (used > NARROW_LANES) {
            halveLanes(0);
            halveLanes(LANES);
            foldLanes(first, second);
        } else {
            widen(lanes, 0, NARROW_LANES, first, 0);
            widen(lanes, LANES, NARROW_LANES, second, 0);
        }
    }

    private void clearLanes(int used) {
        for (int i = 0; i < used; i += species().length()) {
            store(splat(0), lanes, i);
            store(splat(0), lanes, LANES + i);
        }
    }

    /**
     * Sums whole lane rows and folds them to 64 lanes: two vectors of lanes at a time, those that are folded together, so
     * that their sums never leave the registers.
     */
    private <E> void sumLaneRows(Tensor x, Tensor dy, Tensor scale, long at, long parameter, int rows, double pivot,
            double gain, double offset) {
        int step = this.<E>species().length();
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        for (int lane = 0; lane < LANES / 2; lane += step) {
            Vector<E> s0 = splat(0);
            Vector<E> s1 = s0;
            Vector<E> q0 = s0;
            Vector<E> q1 = s0;
            for (int row = 0; row < rows; row++) {
                int i = row * LANES + lane;
                int j = i + LANES / 2;
                Vector<E> d0 = this.<E>x(x, at + i).sub(p);
                Vector<E> d1 = this.<E>x(x, at + j).sub(p);
                Vector<E> u0 = u(d0, dy, scale, at + i, parameter + i);
                Vector<E> u1 = u(d1, dy, scale, at + j, parameter + j);
                s0 = s0.add(u0);
                s1 = s1.add(u1);
                q0 = fma(u0, v(d0, a, b), q0);
                q1 = fma(u1, v(d1, a, b), q1);
            }
            store(s0.add(s1), lanes, lane);
            store(q0.add(q1), lanes, LANES + lane);
        }
    }

    /** x − pivot, or g. */
    private <E> Vector<E> u(Vector<E> d, Tensor dy, Tensor scale, long i, long parameter) {
        if (!traits().hasGradient()) {
            return d;
        }
        Vector<E> g = gradient(dy, i);
        return traits().hasScale() ? g.mul(load(scale, parameter)) : g;
    }

    private double u(double d, Tensor dy, Tensor scale, long i, long parameter) {
        if (!traits().hasGradient()) {
            return d;
        }
        double g = get(traits().gradientHeap(), dy, i);
        return traits().hasScale() ? round(g * get(scale, parameter)) : g;
    }

    /** x − pivot, or x̂. */
    private <E> Vector<E> v(Vector<E> d, Vector<E> a, Vector<E> b) {
        return traits().hasGradient() ? fma(d, a, b) : d;
    }

    private <E> void halveLanes(int base) {
        for (int i = base; i < base + LANES / 2; i += species().length()) {
            store(this.<E>load(lanes, i).add(load(lanes, i + LANES / 2)), lanes, i);
        }
    }

    /** Folds 64 lanes of both sums to 16 and adds those, widened, to the sums of the chunk. */
    private void foldLanes(double[] first, double[] second) {
        if (isFloat()) {
            float[] s = lanes.floats();
            for (int i = 0, j = LANES; i < NARROW_LANES; i++, j++) {
                first[i] += (s[i] + s[i + 32]) + (s[i + 16] + s[i + 48]);
                second[i] += (s[j] + s[j + 32]) + (s[j + 16] + s[j + 48]);
            }
        } else {
            double[] s = lanes.doubles();
            for (int i = 0, j = LANES; i < NARROW_LANES; i++, j++) {
                first[i] += (s[i] + s[i + 32]) + (s[i + 16] + s[i + 48]);
                second[i] += (s[j] + s[j + 32]) + (s[j + 16] + s[j + 48]);
            }
        }
    }

    @Override
    <E> void applyRun(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long scaleAt, long shiftAt, int n,
            Coefficients c, int set) {
        int step = this.<E>species().length();
        double pivot = c.pivot[set];
        double gain = c.gain[set];
        double offset = c.offset[set];
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        Vector<E> one = splat(1);
        Vector<E> none = splat(-0.0);
        boolean elementwise = traits().hasScale() || traits().hasShift();
        int i = 0;
        for (; i <= n - step; i += step) {
            Vector<E> v = xhat(x(x, at + i), p, a, b);
            if (elementwise) {
                Vector<E> factor = traits().hasScale() ? load(scale, scaleAt + i) : one;
                Vector<E> term = traits().hasShift() ? load(shift, shiftAt + i) : none;
                v = fma(v, factor, term);
            }
            setOut(y, at + i, v);
        }
        for (; i < n; i++) {
            double v = xhat(element(x, at + i), pivot, gain, offset);
            if (elementwise) {
                double factor = traits().hasScale() ? get(scale, scaleAt + i) : 1;
                double term = traits().hasShift() ? get(shift, shiftAt + i) : -0.0;
                v = fma(v, factor, term);
            }
            y.set(at + i, v);
        }
    }

    @Override
    <E> void gradientRun(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long parameter, int n, Coefficients c,
            int set) {
        int step = this.<E>species().length();
        double pivot = c.pivot[set];
        double gain = c.gain[set];
        double offset = c.offset[set];
        double gradientGain = c.gradientGain[set];
        double projection = c.projection[set];
        double constant = c.constant[set];
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        Vector<E> factor = splat(gradientGain);
        Vector<E> slope = splat(projection);
        Vector<E> term = splat(constant);
        int i = 0;
        for (; i <= n - 2 * step; i += 2 * step) {
            int j = i + step;
            Vector<E> xhat0 = xhat(x(x, at + i), p, a, b);
            Vector<E> xhat1 = xhat(x(x, at + j), p, a, b);
            Vector<E> g0 = u(xhat0, dy, scale, at + i, parameter + i);
            Vector<E> g1 = u(xhat1, dy, scale, at + j, parameter + j);
            setOut(dx, at + i, fma(g0, factor, fma(xhat0, slope, term)));
            setOut(dx, at + j, fma(g1, factor, fma(xhat1, slope, term)));
        }
        for (; i < n; i++) {
            double xhat = xhat(element(x, at + i), pivot, gain, offset);
            double g = u(xhat, dy, scale, at + i, parameter + i);
            dx.set(at + i, fma(g, gradientGain, fma(xhat, projection, constant)));
        }
    }

    @Override
    void clearColumns(int count) {
        if (columns != count) {
            columns = count;
            sums = scratch(2L * count);
        } else if (isFloat()) {
            Arrays.fill(sums.floats(), 0);
        } else {
            Arrays.fill(sums.doubles(), 0);
        }
    }

    @Override
    void flushColumns(double[] s1, double[] s2, int at) {
        widen(sums, 0, columns, s1, at);
        widen(sums, columns, columns, s2, at);
        clearColumns(columns);
    }

    @Override
    <E> void addColumns(Tensor x, long at) {
        int step = this.<E>species().length();
        int j = 0;
        for (; j <= columns - step; j += step) {
            store(this.<E>load(sums, j).add(x(x, at + j)), sums, j);
        }
        for (; j < columns; j++) {
            sums.set(j, get(sums, j) + element(x, at + j));
        }
    }

    @Override
    void columnMeans(int rows, double[] means) {
        for (int j = 0; j < columns; j++) {
            means[j] = round(get(sums, j) / rows);
        }
    }

    @Override
    <E> void parameterRows(Tensor x, Tensor dy, long at, long stride, int rows, Coefficients c, int set) {
        int step = this.<E>species().length();
        int row = 0;
        for (; row < rows - 1; row += 2) {
            Vector<E> p0 = splat(c.pivot[set + row]);
            Vector<E> a0 = splat(c.gain[set + row]);
            Vector<E> b0 = splat(c.offset[set + row]);
            Vector<E> p1 = splat(c.pivot[set + row + 1]);
            Vector<E> a1 = splat(c.gain[set + row + 1]);
            Vector<E> b1 = splat(c.offset[set + row + 1]);
            long i = at + row * stride;
            for (int j = 0; j <= columns - step; j += step) {
                Vector<E> g0 = gradient(dy, i + j);
                Vector<E> g1 = gradient(dy, i + stride + j);
                Vector<E> q = fma(g0, xhat(x(x, i + j), p0, a0, b0), load(sums, columns + j));
                store(fma(g1, xhat(x(x, i + stride + j), p1, a1, b1), q), sums, columns + j);
                store(this.<E>load(sums, j).add(g0).add(g1), sums, j);
            }
        }
        for (int r = 0; r < rows; r++) {
            // Of rows summed above what no vector fits in.
            int j = r < row ? columns - columns % step : 0;
            long i = at + r * stride;
            Vector<E> p = splat(c.pivot[set + r]);
            Vector<E> a = splat(c.gain[set + r]);
            Vector<E> b = splat(c.offset[set + r]);
            for (; j <= columns - step; j += step) {
                addSums(sums, j, columns + j, gradient(dy, i + j), xhat(x(x, i + j), p, a, b));
            }
            for (; j < columns; j++) {
                double xhat = xhat(element(x, i + j), c.pivot[set + r], c.gain[set + r], c.offset[set + r]);
                addSums(sums, j, columns + j, get(traits().gradientHeap(), dy, i + j), xhat);
            }
        }
    }

    private <E> Vector<E> coefficient(int part, int column) {
        return load(narrow, (long) part * width + column);
    }

    private double one(int part, int column) {
        return get(narrow, (long) part * width + column);
    }

    @Override
    void stage(Coefficients c, int newWidth) {
        if (width != newWidth) {
            width = newWidth;
            narrow = scratch((long) PARTS * newWidth);
        }
        stage(c.pivot, PIVOT);
        stage(c.gain, GAIN);
        stage(c.offset, OFFSET);
        if (traits().hasGradient()) {
            stage(c.gradientGain, GRADIENT_GAIN);
            stage(c.projection, PROJECTION);
            stage(c.constant, CONSTANT);
        }
    }

    private void stage(double[] from, int part) {
        if (isFloat()) {
            float[] to = narrow.floats();
            int at = part * width;
            for (int i = 0; i < width; i++) {
                to[at + i] = (float) from[i];
            }
        } else {
            System.arraycopy(from, 0, narrow.doubles(), part * width, width);
        }
    }

    @Override
    <E> void sumColumns(Tensor x, Tensor dy, long at, int rows, int last) {
        int step = this.<E>species().length();
        int whole = last == width ? rows : rows - 1;
        int row = 0;
        for (; row < whole - 1; row += 2) {
            long i = at + (long) row * width;
            for (int j = 0; j <= width - step; j += step) {
                Vector<E> p = coefficient(PIVOT, j);
                Vector<E> d0 = this.<E>x(x, i + j).sub(p);
                Vector<E> d1 = this.<E>x(x, i + width + j).sub(p);
                Vector<E> u0 = u(d0, dy, null, i + j, 0);
                Vector<E> u1 = u(d1, dy, null, i + width + j, 0);
                Vector<E> q = fma(u0, v(d0, j), load(sums, width + j));
                store(fma(u1, v(d1, j), q), sums, width + j);
                store(this.<E>load(sums, j).add(u0).add(u1), sums, j);
            }
        }
        for (int r = 0; r < rows; r++) {
            // Of rows summed above what no vector fits in.
            int j = r < row ? width - width % step : 0;
            int n = r < whole ? width : last;
            long i = at + (long) r * width;
            for (; j <= n - step; j += step) {
                Vector<E> d = this.<E>x(x, i + j).sub(coefficient(PIVOT, j));
                addSums(sums, j, width + j, u(d, dy, null, i + j, 0), v(d, j));
            }
            for (; j < n; j++) {
                double d = round(element(x, i + j) - one(PIVOT, j));
                double v = traits().hasGradient() ? fma(d, one(GAIN, j), one(OFFSET, j)) : d;
                addSums(sums, j, width + j, u(d, dy, null, i + j, 0), v);
            }
        }
    }

    private <E> Vector<E> v(Vector<E> d, int column) {
        return traits().hasGradient() ? fma(d, coefficient(GAIN, column), coefficient(OFFSET, column)) : d;
    }

    @Override
    <E> void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int rows, int last) {
        int step = this.<E>species().length();
        boolean backward = traits().hasGradient();
        for (int row = 0; row < rows; row++) {
            long i = at + (long) row * width;
            int n = row < rows - 1 ? width : last;
            int j = 0;
            for (; j <= n - step; j += step) {
                Vector<E> v = xhat(x(x, i + j), coefficient(PIVOT, j), coefficient(GAIN, j), coefficient(OFFSET, j));
                if (backward) {
                    v = fma(v, coefficient(PROJECTION, j), coefficient(CONSTANT, j));
                    v = fma(gradient(dy, i + j), coefficient(GRADIENT_GAIN, j), v);
                }
                setOut(out, i + j, v);
            }
            for (; j < n; j++) {
                double v = xhat(element(x, i + j), one(PIVOT, j), one(GAIN, j), one(OFFSET, j));
                if (backward) {
                    v = fma(v, one(PROJECTION, j), one(CONSTANT, j));
                    v = fma(get(traits().gradientHeap(), dy, i + j), one(GRADIENT_GAIN, j), v);
                }
                out.set(i + j, v);
            }
        }
    }
}
