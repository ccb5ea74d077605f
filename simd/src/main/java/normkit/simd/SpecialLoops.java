package normkit.simd;

import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import normkit.geometry.Columns;
import normkit.spi.Coefficients;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * {@link Loops} in vectors: the template of the hidden classes {@link Specializer} makes. The order of every sum is that of
 * docs/numerics.md whatever the size of a vector.
 *
 * <p>Everything a loop consists of is in this one class: methods elsewhere would be compiled without its constants, and
 * where C2 then does not inline them, every vector becomes an object.
 *
 * <p>Columns are walked row by row, their sums in scratch memory: memory is then read and written from front to back, which
 * took half the time of walking down the columns with the sums in registers.
 *
 * <p>Sums of moments and of gradients are the same loops: Σu and Σu·v, where u and v are both x − pivot, or g and x̂.
 */
final class SpecialLoops extends Loops {

    private static final Traits SPECIAL = Specializer.traits(MethodHandles.lookup());

    /** Parts of {@link #narrow}, in units of a wide row. */
    private static final int PIVOT = 0;
    private static final int GAIN = 1;
    private static final int OFFSET = 2;
    /** γ, or the gradient's projection. */
    private static final int FACTOR = 3;
    /** β, or the gradient's constant. */
    private static final int TERM = 4;
    private static final int GRADIENT_GAIN = 5;
    private static final int PARTS = 6;

    private final Traits given;
    /** Sums per lane of a block of runs: first all of Σu, then all of Σu·v. */
    private final Tensor lanes;
    /** The coefficients of a wide row in the element's type, part after part. */
    private Tensor narrow;
    /** Sums per column of a block of rows: first all of Σu, then all of Σu·v. */
    private Tensor sums;
    private int width;

    SpecialLoops(Traits traits) {
        this.given = traits;
        this.lanes = Tensor.allocate(TensorSpec.rows(2 * LANES).as(traits.type()));
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

    /** Loads the lanes of a mask; the others are 0. */
    @SuppressWarnings("unchecked")
    private <E> Vector<E> load(boolean heap, Tensor t, long i, VectorMask<E> mask) {
        long at = t.offset() + i * (heap ? 1 : bytes());
        if (isFloat()) {
            VectorMask<Float> m = (VectorMask<Float>) mask;
            return (Vector<E>) (heap
                    ? FloatVector.fromArray(this.species(), t.floats(), (int) at, m)
                    : FloatVector.fromMemorySegment(this.species(), t.segment(), at, ByteOrder.nativeOrder(), m));
        }
        VectorMask<Double> m = (VectorMask<Double>) mask;
        return (Vector<E>) (heap
                ? DoubleVector.fromArray(this.species(), t.doubles(), (int) at, m)
                : DoubleVector.fromMemorySegment(this.species(), t.segment(), at, ByteOrder.nativeOrder(), m));
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

    @SuppressWarnings("unchecked")
    private <E> void store(boolean heap, Vector<E> v, Tensor t, long i, VectorMask<E> mask) {
        if (!heap) {
            v.intoMemorySegment(t.segment(), t.offset() + i * bytes(), ByteOrder.nativeOrder(), mask);
        } else if (isFloat()) {
            ((FloatVector) v).intoArray(t.floats(), (int) (t.offset() + i), (VectorMask<Float>) mask);
        } else {
            ((DoubleVector) v).intoArray(t.doubles(), (int) (t.offset() + i), (VectorMask<Double>) mask);
        }
    }

    private <E> Vector<E> x(Tensor x, long i) {
        return load(traits().xHeap(), x, i);
    }

    private <E> Vector<E> x(Tensor x, long i, VectorMask<E> mask) {
        return load(traits().xHeap(), x, i, mask);
    }

    private <E> Vector<E> lane(int i) {
        return load(true, lanes, i);
    }

    private <E> void setLane(int i, Vector<E> v) {
        store(true, v, lanes, i);
    }

    private <E> Vector<E> gradient(Tensor dy, long i) {
        return load(traits().gradientHeap(), dy, i);
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

    /** Adds n elements of scratch memory to sums in double: a plain loop, which C2 makes vectors of by itself. */
    private void widen(Tensor from, int at, int n, double[] to) {
        if (isFloat()) {
            float[] floats = from.floats();
            for (int i = 0; i < n; i++) {
                to[i] += floats[at + i];
            }
        } else {
            double[] doubles = from.doubles();
            for (int i = 0; i < n; i++) {
                to[i] += doubles[at + i];
            }
        }
    }

    private double get(boolean heap, Tensor t, long i) {
        long at = t.offset() + i * (heap ? 1 : bytes());
        if (isFloat()) {
            return heap ? t.floats()[(int) at] : t.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        }
        return heap ? t.doubles()[(int) at] : t.segment().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
    }

    /** Rounds to the element's type; a sum of two elements comes out as if it were formed in that type. */
    private double round(double value) {
        return isFloat() ? (float) value : value;
    }

    private double fma(double a, double b, double c) {
        return isFloat() ? Math.fma((float) a, (float) b, (float) c) : Math.fma(a, b, c);
    }

    @Override
    double pivot(Tensor x, long i, long j, long k, long l, int m) {
        double even = sample(x, i, j, k, l);
        double odd = m > 1 ? sample(x, i + 1, j + 1, k + 1, l + 1) : 0;
        even = m > 2 ? round(even + sample(x, i + 2, j + 2, k + 2, l + 2)) : even;
        odd = m > 3 ? round(odd + sample(x, i + 3, j + 3, k + 3, l + 3)) : odd;
        return round(round(even + odd) / (4 * m));
    }

    private double sample(Tensor x, long i, long j, long k, long l) {
        boolean heap = traits().xHeap();
        return round(round(get(heap, x, i) + get(heap, x, j)) + round(get(heap, x, k) + get(heap, x, l)));
    }

    @Override
    <E> void sumRuns(Tensor x, Tensor dy, Tensor scale, long at, long stride, int runs, int length, long parameter,
            double pivot, double gain, double offset, double[] first, double[] second) {
        if (runs == 1 && length % LANES == 0) {
            sumLaneRows(x, dy, scale, at, parameter, length / LANES, pivot, gain, offset);
            foldLanes(first, second);
            return;
        }
        int used = clearLanes(length);
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < length; i += LANES) {
                sumLaneRow(x, dy, scale, at + run * stride + i, parameter + i, Math.min(LANES, length - i), pivot, gain,
                        offset);
            }
        }
        if (used > NARROW_LANES) {
            halveLanes(0);
            halveLanes(LANES);
            foldLanes(first, second);
        } else {
            widen(lanes, 0, NARROW_LANES, first);
            widen(lanes, LANES, NARROW_LANES, second);
        }
    }

    /** Clears the lanes that sums over runs of a length need, and returns how many: 16 or all. */
    private <E> int clearLanes(int length) {
        Vector<E> zero = splat(0);
        int used = length <= NARROW_LANES ? NARROW_LANES : LANES;
        int step = zero.length();
        for (int i = 0; i < used; i += step) {
            setLane(i, zero);
            setLane(LANES + i, zero);
        }
        return used;
    }

    /**
     * Sums whole lane rows and folds them to 64 lanes: two vectors of lanes at a time, those that are folded together, so
     * that their sums never leave the registers. With four, C2 gives up inlining where memory is native.
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
            setLane(lane, s0.add(s1));
            setLane(LANES + lane, q0.add(q1));
        }
    }

    /** Adds one lane row, perhaps partial, to the lanes. */
    private <E> void sumLaneRow(Tensor x, Tensor dy, Tensor scale, long at, long parameter, int n, double pivot,
            double gain, double offset) {
        int step = this.<E>species().length();
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        int lane = 0;
        for (; lane <= n - step; lane += step) {
            Vector<E> d = this.<E>x(x, at + lane).sub(p);
            Vector<E> u = u(d, dy, scale, at + lane, parameter + lane);
            setLane(lane, this.<E>lane(lane).add(u));
            setLane(LANES + lane, fma(u, v(d, a, b), this.<E>lane(LANES + lane)));
        }
        if (lane < n) {
            VectorMask<E> mask = this.<E>species().indexInRange(lane, n);
            Vector<E> d = this.<E>x(x, at + lane, mask).sub(p, mask);
            Vector<E> u = u(d, dy, scale, at + lane, parameter + lane, mask);
            setLane(lane, this.<E>lane(lane).add(u));
            setLane(LANES + lane, fma(u, v(d, a, b), this.<E>lane(LANES + lane)));
        }
    }

    /** x − pivot, or g. */
    private <E> Vector<E> u(Vector<E> d, Tensor dy, Tensor scale, long i, long parameter) {
        if (!traits().hasGradient()) {
            return d;
        }
        Vector<E> g = load(traits().gradientHeap(), dy, i);
        return traits().hasScale() ? g.mul(load(traits().scaleHeap(), scale, parameter)) : g;
    }

    private <E> Vector<E> u(Vector<E> d, Tensor dy, Tensor scale, long i, long parameter, VectorMask<E> mask) {
        if (!traits().hasGradient()) {
            return d;
        }
        Vector<E> g = load(traits().gradientHeap(), dy, i, mask);
        return traits().hasScale() ? g.mul(load(traits().scaleHeap(), scale, parameter, mask)) : g;
    }

    /** x − pivot, or x̂. */
    private <E> Vector<E> v(Vector<E> d, Vector<E> a, Vector<E> b) {
        return traits().hasGradient() ? fma(d, a, b) : d;
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

    private <E> void halveLanes(int base) {
        int step = this.<E>species().length();
        for (int i = base; i < base + LANES / 2; i += step) {
            setLane(i, this.<E>lane(i).add(lane(i + LANES / 2)));
        }
    }

    @Override
    <E> void applyRun(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long parameter, int n, Coefficients c,
            int set) {
        int step = this.<E>species().length();
        Vector<E> p = splat(c.pivot[set]);
        Vector<E> a = splat(c.gain[set]);
        Vector<E> b = splat(c.offset[set]);
        Vector<E> constantScale = splat(c.scale[set]);
        Vector<E> constantShift = splat(c.shift[set]);
        int i = 0;
        for (; i <= n - step; i += step) {
            Vector<E> xhat = fma(this.<E>x(x, at + i).sub(p), a, b);
            Vector<E> factor = traits().hasScale() ? load(traits().scaleHeap(), scale, parameter + i) : constantScale;
            Vector<E> term = traits().hasShift() ? load(traits().shiftHeap(), shift, parameter + i) : constantShift;
            store(traits().outHeap(), fma(xhat, factor, term), y, at + i);
        }
        if (i < n) {
            VectorMask<E> mask = this.<E>species().indexInRange(i, n);
            Vector<E> xhat = fma(this.<E>x(x, at + i, mask).sub(p), a, b);
            Vector<E> factor =
                    traits().hasScale() ? load(traits().scaleHeap(), scale, parameter + i, mask) : constantScale;
            Vector<E> term =
                    traits().hasShift() ? load(traits().shiftHeap(), shift, parameter + i, mask) : constantShift;
            store(traits().outHeap(), fma(xhat, factor, term), y, at + i, mask);
        }
    }

    @Override
    <E> void gradientRun(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long parameter, int n, Coefficients c,
            int set) {
        int step = this.<E>species().length();
        Vector<E> p = splat(c.pivot[set]);
        Vector<E> a = splat(c.gain[set]);
        Vector<E> b = splat(c.offset[set]);
        Vector<E> gain = splat(c.gradientGain[set]);
        Vector<E> projection = splat(c.projection[set]);
        Vector<E> constant = splat(c.constant[set]);
        int i = 0;
        for (; i <= n - step; i += step) {
            Vector<E> xhat = fma(this.<E>x(x, at + i).sub(p), a, b);
            Vector<E> g = u(xhat, dy, scale, at + i, parameter + i);
            Vector<E> d = fma(g, gain, fma(xhat, projection, constant));
            store(traits().outHeap(), d, dx, at + i);
        }
        if (i < n) {
            VectorMask<E> mask = this.<E>species().indexInRange(i, n);
            Vector<E> xhat = fma(this.<E>x(x, at + i, mask).sub(p), a, b);
            Vector<E> g = u(xhat, dy, scale, at + i, parameter + i, mask);
            Vector<E> d = fma(g, gain, fma(xhat, projection, constant));
            store(traits().outHeap(), d, dx, at + i, mask);
        }
    }

    @Override
    void parameterRows(Tensor x, Tensor dy, long at, int n, int rows, Coefficients c, int set, double[] dscale,
            double[] dshift) {
        int vectors = n / species().length() * species().length();
        clearSums(n);
        for (int row = 0; row < rows; row++) {
            int i = set + row;
            parameterRow(x, dy, at + (long) row * n, n, vectors, c.pivot[i], c.gain[i], c.offset[i]);
        }
        widen(sums, 0, vectors, dshift);
        widen(sums, n, vectors, dscale);
        for (int j = vectors; j < n; j++) {
            parameterColumn(x, dy, at + j, n, rows, c, set, dscale, dshift, j);
        }
    }

    private <E> void parameterRow(Tensor x, Tensor dy, long at, int n, int vectors, double pivot, double gain,
            double offset) {
        int step = this.<E>species().length();
        Vector<E> p = splat(pivot);
        Vector<E> a = splat(gain);
        Vector<E> b = splat(offset);
        for (int j = 0; j < vectors; j += step) {
            Vector<E> xhat = fma(this.<E>x(x, at + j).sub(p), a, b);
            Vector<E> g = gradient(dy, at + j);
            addSums(j, n + j, g, xhat);
        }
    }

    /** Clears the two sums of each of n columns. */
    private void clearSums(int n) {
        if (sums == null || sums.spec().elements() < 2L * n) {
            sums = Tensor.allocate(TensorSpec.rows(2L * n).as(traits().type()));
        }
        if (isFloat()) {
            Arrays.fill(sums.floats(), 0, 2 * n, 0f);
        } else {
            Arrays.fill(sums.doubles(), 0, 2 * n, 0);
        }
    }

    /** Adds u to the first sums and u·v to the second. */
    private <E> void addSums(int first, int second, Vector<E> u, Vector<E> v) {
        store(true, this.<E>load(true, sums, first).add(u), sums, first);
        store(true, fma(u, v, load(true, sums, second)), sums, second);
    }

    private void parameterColumn(Tensor x, Tensor dy, long at, int n, int rows, Coefficients c, int set,
            double[] dscale, double[] dshift, int j) {
        double s = 0;
        double q = 0;
        for (int row = 0; row < rows; row++) {
            long i = at + (long) row * n;
            double xhat = fma(round(get(traits().xHeap(), x, i) - c.pivot[set + row]), c.gain[set + row],
                    c.offset[set + row]);
            double g = get(traits().gradientHeap(), dy, i);
            s = round(s + g);
            q = fma(g, xhat, q);
        }
        dshift[j] += s;
        dscale[j] += q;
    }

    private <E> Vector<E> coefficient(int part, int column) {
        return load(true, narrow, (long) part * width + column);
    }

    private double one(int part, int column) {
        return get(true, narrow, (long) part * width + column);
    }

    @Override
    void stage(Coefficients c, int newWidth) {
        if (width != newWidth) {
            width = newWidth;
            narrow = Tensor.allocate(TensorSpec.rows((long) PARTS * newWidth).as(traits().type()));
        }
        boolean backward = traits().hasGradient();
        stage(c.pivot, PIVOT);
        stage(c.gain, GAIN);
        stage(c.offset, OFFSET);
        stage(backward ? c.projection : c.scale, FACTOR);
        stage(backward ? c.constant : c.shift, TERM);
        if (backward) {
            stage(c.gradientGain, GRADIENT_GAIN);
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
    double columnPivot(Tensor x, Columns form, long matrix, int column) {
        double sum = 0;
        for (int i = 0; i < Columns.SAMPLE_ROWS; i++) {
            sum = round(sum + get(traits().xHeap(), x, form.sample(matrix, i) + column));
        }
        return round(sum / Columns.SAMPLE_ROWS);
    }

    @Override
    void sumColumns(Tensor x, Tensor dy, long at, int rows, int last, double[] s1, double[] s2) {
        int vectors = last == width ? width / species().length() * species().length() : 0;
        clearSums(width);
        for (int row = 0; row < rows; row++) {
            sumRow(x, dy, at + (long) row * width, vectors);
        }
        widen(sums, 0, vectors, s1);
        widen(sums, width, vectors, s2);
        for (int j = vectors; j < width; j++) {
            sumColumn(x, dy, at + j, j < last ? rows : rows - 1, j, s1, s2);
        }
    }

    private <E> void sumRow(Tensor x, Tensor dy, long at, int vectors) {
        int step = this.<E>species().length();
        for (int j = 0; j < vectors; j += step) {
            Vector<E> d = this.<E>x(x, at + j).sub(coefficient(PIVOT, j));
            Vector<E> u = u(d, dy, null, at + j, 0);
            Vector<E> v = traits().hasGradient() ? fma(d, coefficient(GAIN, j), coefficient(OFFSET, j)) : d;
            addSums(j, width + j, u, v);
        }
    }

    private void sumColumn(Tensor x, Tensor dy, long at, int rows, int j, double[] s1, double[] s2) {
        double s = 0;
        double q = 0;
        for (int row = 0; row < rows; row++) {
            long i = at + (long) row * width;
            double d = round(get(traits().xHeap(), x, i) - one(PIVOT, j));
            double u = traits().hasGradient() ? get(traits().gradientHeap(), dy, i) : d;
            double v = traits().hasGradient() ? fma(d, one(GAIN, j), one(OFFSET, j)) : d;
            s = round(s + u);
            q = fma(u, v, q);
        }
        s1[j] += s;
        s2[j] += q;
    }

    @Override
    void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int rows, int last) {
        for (int row = 0; row < rows; row++) {
            applyRow(x, dy, out, at + (long) row * width, row < rows - 1 ? width : last);
        }
    }

    private <E> void applyRow(Tensor x, Tensor dy, Tensor out, long at, int n) {
        int step = this.<E>species().length();
        int j = 0;
        for (; j <= n - step; j += step) {
            Vector<E> d = this.<E>x(x, at + j).sub(coefficient(PIVOT, j));
            Vector<E> xhat = fma(d, coefficient(GAIN, j), coefficient(OFFSET, j));
            Vector<E> y = fma(xhat, coefficient(FACTOR, j), coefficient(TERM, j));
            if (traits().hasGradient()) {
                y = fma(gradient(dy, at + j), coefficient(GRADIENT_GAIN, j), y);
            }
            store(traits().outHeap(), y, out, at + j);
        }
        for (; j < n; j++) {
            applyElement(x, dy, out, at + j, j);
        }
    }

    private void applyElement(Tensor x, Tensor dy, Tensor out, long i, int j) {
        double xhat = fma(round(get(traits().xHeap(), x, i) - one(PIVOT, j)), one(GAIN, j), one(OFFSET, j));
        double y = fma(xhat, one(FACTOR, j), one(TERM, j));
        out.set(i, traits().hasGradient() ? fma(get(traits().gradientHeap(), dy, i), one(GRADIENT_GAIN, j), y) : y);
    }
}
