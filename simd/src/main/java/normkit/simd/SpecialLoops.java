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
 * heap, each of which costs as much as several on it; and a loop with many vectors is a method of more bytecode than C2
 * ever inlines (325 bytes), so that it is compiled by itself whoever calls it. What such a loop calls is so small (35 bytes)
 * that it is inlined even where the loop has hardly been run before it is compiled. Tests hold all this.
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

    private boolean hasScale() {
        return traits().hasScale();
    }

    private int bytes() {
        return traits().type().bytes();
    }

    private <E> Vector<E> load(boolean heap, Tensor t, long i) {
        return heap ? fromArray(t, (int) (t.offset() + i)) : fromSegment(t, i);
    }

    private <E> Vector<E> fromSegment(Tensor t, long i) {
        return this.<E>species().fromMemorySegment(t.segment(), t.offset() + i * bytes(), ByteOrder.nativeOrder());
    }

    @SuppressWarnings("unchecked")
    private <E> Vector<E> fromArray(Tensor t, int at) {
        return (Vector<E>) (isFloat() ? fromFloats(t, at) : fromDoubles(t, at));
    }

    private FloatVector fromFloats(Tensor t, int at) {
        return FloatVector.fromArray(this.species(), t.floats(), at);
    }

    private DoubleVector fromDoubles(Tensor t, int at) {
        return DoubleVector.fromArray(this.species(), t.doubles(), at);
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
        if (heap) {
            intoArray(v, t, (int) (t.offset() + i));
        } else {
            intoSegment(v, t, i);
        }
    }

    private <E> void intoSegment(Vector<E> v, Tensor t, long i) {
        v.intoMemorySegment(t.segment(), t.offset() + i * bytes(), ByteOrder.nativeOrder());
    }

    private <E> void intoArray(Vector<E> v, Tensor t, int at) {
        if (isFloat()) {
            ((FloatVector) v).intoArray(t.floats(), at);
        } else {
            ((DoubleVector) v).intoArray(t.doubles(), at);
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
    private void addSums(Tensor scratch, int first, int second, double u, double v) {
        set(scratch, first, get(scratch, first) + u);
        set(scratch, second, fma(u, v, get(scratch, second)));
    }

    /** Sets an element of scratch memory, by less code than any tensor's takes. */
    private void set(Tensor scratch, int i, double value) {
        if (isFloat()) {
            scratch.floats()[i] = (float) value;
        } else {
            scratch.doubles()[i] = value;
        }
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
        int step = this.<E>species().length();
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        clear(lanes, 2 * LANES);
        for (int run = 0; run < runs; run++) {
            for (int from = 0; from < length; from += LANES) {
                long i = at + run * stride + from;
                int n = Math.min(LANES, length - from);
                int lane = 0;
                for (; lane <= n - step; lane += step) {
                    Vector<E> u = this.<E>x(x, i + lane).sub(p);
                    Vector<E> v = u;
                    if (traits().hasGradient()) {
                        v = fma(u, a, b);
                        u = g(dy, scale, i + lane, parameter + from + lane);
                    }
                    store(this.<E>load(lanes, lane).add(u), lanes, lane);
                    store(fma(u, v, load(lanes, LANES + lane)), lanes, LANES + lane);
                }
                for (; lane < n; lane++) {
                    double d = round(element(x, i + lane) - pivot);
                    double u = u(d, dy, scale, i + lane, parameter + from + lane);
                    addSums(lanes, lane, LANES + lane, u, traits().hasGradient() ? fma(d, gain, offset) : d);
                }
            }
        }
        if (length > NARROW_LANES) {
            halveLanes();
            foldLanes(first, second);
        } else {
            widen(lanes, 0, NARROW_LANES, first, 0);
            widen(lanes, LANES, NARROW_LANES, second, 0);
        }
    }

    /**
     * Sums whole lane rows: two vectors of lanes at a time, those that are folded together, so that their sums never leave
     * the registers; of gradients, which have more operands than C2 can take twice, one at a time.
     */
    @Override
    <E> void sumLaneRows(Tensor x, Tensor dy, Tensor scale, long at, int rows, long parameter, double pivot,
            double gain, double offset, double[] first, double[] second) {
        int step = this.<E>species().length();
        Vector<E> p = splat(pivot);
        Vector<E> zero = splat(0);
        if (traits().hasGradient()) {
            Vector<E> a = splat(gain);
            Vector<E> b = splat(offset);
            for (int lane = 0; lane < LANES; lane += step) {
                Vector<E> s = zero;
                Vector<E> q = zero;
                for (int row = 0; row < rows; row++) {
                    int i = row * LANES + lane;
                    Vector<E> g = g(dy, scale, at + i, parameter + i);
                    s = s.add(g);
                    q = fma(g, xhat(x(x, at + i), p, a, b), q);
                }
                store(s, lanes, lane);
                store(q, lanes, LANES + lane);
            }
            halveLanes();
        } else {
            for (int lane = 0; lane < LANES / 2; lane += step) {
                Vector<E> s0 = zero;
                Vector<E> s1 = zero;
                Vector<E> q0 = zero;
                Vector<E> q1 = zero;
                for (int row = 0; row < rows; row++) {
                    long i = at + row * LANES + lane;
                    Vector<E> d0 = this.<E>x(x, i).sub(p);
                    Vector<E> d1 = this.<E>x(x, i + LANES / 2).sub(p);
                    s0 = s0.add(d0);
                    s1 = s1.add(d1);
                    q0 = fma(d0, d0, q0);
                    q1 = fma(d1, d1, q1);
                }
                store(s0.add(s1), lanes, lane);
                store(q0.add(q1), lanes, LANES + lane);
            }
        }
        foldLanes(first, second);
    }

    /** g. */
    private <E> Vector<E> g(Tensor dy, Tensor scale, long i, long parameter) {
        Vector<E> g = gradient(dy, i);
        return hasScale() ? g.mul(load(scale, parameter)) : g;
    }

    /** x − pivot, or g. */
    private double u(double d, Tensor dy, Tensor scale, long i, long parameter) {
        if (!traits().hasGradient()) {
            return d;
        }
        double g = get(traits().gradientHeap(), dy, i);
        return traits().hasScale() ? round(g * get(scale, parameter)) : g;
    }

    /** Folds all lanes of both sums to 64: a plain loop, which C2 makes vectors of by itself. */
    private void halveLanes() {
        if (isFloat()) {
            float[] s = lanes.floats();
            for (int i = 0; i < LANES / 2; i++) {
                s[i] += s[i + LANES / 2];
                s[i + LANES] += s[i + LANES + LANES / 2];
            }
        } else {
            double[] s = lanes.doubles();
            for (int i = 0; i < LANES / 2; i++) {
                s[i] += s[i + LANES / 2];
                s[i + LANES] += s[i + LANES + LANES / 2];
            }
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
            Vector<E> g0 = g(dy, scale, at + i, parameter + i);
            Vector<E> g1 = g(dy, scale, at + j, parameter + j);
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
        columns = count;
        if (sums == null || sums.spec().elements() < 2L * count) {
            sums = scratch(2L * count);
        }
        clear(sums, 2 * count);
    }

    private void clear(Tensor scratch, int n) {
        if (isFloat()) {
            Arrays.fill(scratch.floats(), 0, n, 0);
        } else {
            Arrays.fill(scratch.doubles(), 0, n, 0);
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
            set(sums, j, get(sums, j) + element(x, at + j));
        }
    }

    @Override
    void columnMeans(int rows, double[] means) {
        for (int j = 0; j < columns; j++) {
            means[j] = round(get(sums, j) / rows);
        }
    }

    @Override
    <E> void addParameterRows(Tensor x, Tensor dy, long at, long stride, int pairs, Coefficients c, int set) {
        int step = this.<E>species().length();
        for (int row = 0; row < 2 * pairs; row += 2) {
            double pivot0 = c.pivot[set + row];
            double gain0 = c.gain[set + row];
            double offset0 = c.offset[set + row];
            double pivot1 = c.pivot[set + row + 1];
            double gain1 = c.gain[set + row + 1];
            double offset1 = c.offset[set + row + 1];
            Vector<E> p0 = splat(pivot0);
            Vector<E> a0 = splat(gain0);
            Vector<E> b0 = splat(offset0);
            Vector<E> p1 = splat(pivot1);
            Vector<E> a1 = splat(gain1);
            Vector<E> b1 = splat(offset1);
            long i = at + row * stride;
            for (int j = 0; j <= columns - step; j += step) {
                Vector<E> g0 = gradient(dy, i + j);
                Vector<E> g1 = gradient(dy, i + stride + j);
                Vector<E> q = fma(g0, xhat(x(x, i + j), p0, a0, b0), load(sums, columns + j));
                store(fma(g1, xhat(x(x, i + stride + j), p1, a1, b1), q), sums, columns + j);
                store(this.<E>load(sums, j).add(g0).add(g1), sums, j);
            }
        }
    }

    @Override
    void addParameterRest(Tensor x, Tensor dy, long at, long stride, int rows, Coefficients c, int set) {
        int from = columns - columns % species().length();
        for (int row = 0; row < rows; row++) {
            for (int j = from; j < columns; j++) {
                long i = at + row * stride + j;
                double xhat = xhat(element(x, i), c.pivot[set + row], c.gain[set + row], c.offset[set + row]);
                addSums(sums, j, columns + j, get(traits().gradientHeap(), dy, i), xhat);
            }
        }
    }

    @Override
    <E> void addParameterRow(Tensor x, Tensor dy, long at, Coefficients c, int set) {
        int step = this.<E>species().length();
        double pivot = c.pivot[set];
        double gain = c.gain[set];
        double offset = c.offset[set];
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        int j = 0;
        for (; j <= columns - 2 * step; j += 2 * step) {
            int k = j + step;
            Vector<E> d0 = this.<E>x(x, at + j).sub(p);
            Vector<E> d1 = this.<E>x(x, at + k).sub(p);
            Vector<E> xhat0 = fma(d0, a, b);
            Vector<E> xhat1 = fma(d1, a, b);
            Vector<E> g0 = gradient(dy, at + j);
            Vector<E> g1 = gradient(dy, at + k);
            store(this.<E>load(sums, j).add(g0), sums, j);
            store(this.<E>load(sums, k).add(g1), sums, k);
            store(fma(g0, xhat0, load(sums, columns + j)), sums, columns + j);
            store(fma(g1, xhat1, load(sums, columns + k)), sums, columns + k);
        }
        for (; j < columns - columns % step; j++) {
            double xhat = xhat(element(x, at + j), pivot, gain, offset);
            addSums(sums, j, columns + j, get(traits().gradientHeap(), dy, at + j), xhat);
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
    <E> void sumWideRows(Tensor x, Tensor dy, long at, int pairs) {
        int step = this.<E>species().length();
        boolean backward = traits().hasGradient();
        for (int pair = 0; pair < pairs; pair++) {
            long i = at + 2L * pair * width;
            int j = 0;
            for (; j <= width - step; j += step) {
                Vector<E> p = coefficient(PIVOT, j);
                Vector<E> u0 = this.<E>x(x, i + j).sub(p);
                Vector<E> u1 = this.<E>x(x, i + width + j).sub(p);
                Vector<E> v0 = u0;
                Vector<E> v1 = u1;
                if (backward) {
                    Vector<E> a = coefficient(GAIN, j);
                    Vector<E> b = coefficient(OFFSET, j);
                    v0 = fma(u0, a, b);
                    v1 = fma(u1, a, b);
                    u0 = gradient(dy, i + j);
                    u1 = gradient(dy, i + width + j);
                }
                Vector<E> q = fma(u0, v0, load(sums, width + j));
                store(fma(u1, v1, q), sums, width + j);
                store(this.<E>load(sums, j).add(u0).add(u1), sums, j);
            }
            for (; j < width; j++) {
                sumElement(x, dy, i + j, j);
                sumElement(x, dy, i + width + j, j);
            }
        }
    }

    @Override
    <E> void sumWideRow(Tensor x, Tensor dy, long at, int n) {
        int step = this.<E>species().length();
        int j = 0;
        for (; j <= n - 2 * step; j += 2 * step) {
            int k = j + step;
            Vector<E> u0 = this.<E>x(x, at + j).sub(coefficient(PIVOT, j));
            Vector<E> u1 = this.<E>x(x, at + k).sub(coefficient(PIVOT, k));
            Vector<E> v0 = u0;
            Vector<E> v1 = u1;
            if (traits().hasGradient()) {
                v0 = fma(u0, coefficient(GAIN, j), coefficient(OFFSET, j));
                v1 = fma(u1, coefficient(GAIN, k), coefficient(OFFSET, k));
                u0 = gradient(dy, at + j);
                u1 = gradient(dy, at + k);
            }
            store(this.<E>load(sums, j).add(u0), sums, j);
            store(this.<E>load(sums, k).add(u1), sums, k);
            store(fma(u0, v0, load(sums, width + j)), sums, width + j);
            store(fma(u1, v1, load(sums, width + k)), sums, width + k);
        }
        for (; j < n; j++) {
            sumElement(x, dy, at + j, j);
        }
    }

    private void sumElement(Tensor x, Tensor dy, long i, int j) {
        double d = round(element(x, i) - one(PIVOT, j));
        double v = traits().hasGradient() ? fma(d, one(GAIN, j), one(OFFSET, j)) : d;
        addSums(sums, j, width + j, u(d, dy, null, i, 0), v);
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
                Vector<E> d = this.<E>x(x, i + j).sub(coefficient(PIVOT, j));
                Vector<E> a = coefficient(GAIN, j);
                Vector<E> b = coefficient(OFFSET, j);
                Vector<E> v = fma(d, a, b);
                if (backward) {
                    Vector<E> slope = coefficient(PROJECTION, j);
                    Vector<E> term = coefficient(CONSTANT, j);
                    Vector<E> factor = coefficient(GRADIENT_GAIN, j);
                    v = fma(gradient(dy, i + j), factor, fma(v, slope, term));
                }
                setOut(out, i + j, v);
            }
            for (; j < n; j++) {
                double v = xhat(element(x, i + j), one(PIVOT, j), one(GAIN, j), one(OFFSET, j));
                if (backward) {
                    double slope = one(PROJECTION, j);
                    double term = one(CONSTANT, j);
                    double factor = one(GRADIENT_GAIN, j);
                    v = fma(get(traits().gradientHeap(), dy, i + j), factor, fma(v, slope, term));
                }
                out.set(i + j, v);
            }
        }
    }
}
