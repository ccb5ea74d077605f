package normkit.simd;

import static normkit.geometry.Lanes.DEPTH;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;

import java.lang.foreign.Arena;
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
 * <p>Where C2 does not inline a call, the vectors it takes or returns become objects, and a loop takes many times as long. It
 * decides so, for good, where a compilation has become too big, and where it thinks a call rare. Hence
 * <ul>
 * <li>everything a loop consists of is in this one class, whose constants it needs;
 * <li>a loop with many vectors is a method of more bytecode than C2 ever inlines (325 bytes), so that it is compiled by itself
 * whoever calls it;
 * <li>what such a loop calls is so small (35 bytes) that it is inlined even where the loop has hardly been run before it is
 * compiled;
 * <li>and it calls nothing itself but the JDK, whose methods on vectors are always inlined, and getters: how often a method
 * calls another is known only once it has run often enough in code that counts, which it need not have when a loop has.
 * </ul>
 * Tests hold all this.
 *
 * <p>Columns are walked row by row, one row at a time: memory that is read and written from front to back comes fastest by
 * far, and the sums and coefficients, which every row loads and stores again, cost little once they are aligned. Where wide
 * rows are short, starting a loop for each would cost more than what it does: there the sums of some columns are kept in
 * registers down a block, and several wide rows are normalized as one.
 *
 * <p>Sums of moments and of gradients are the same loops: Σu and Σu·v, where u and v are both x − pivot, or g and x̂.
 */
final class SpecialLoops extends Loops {

    private static final Traits SPECIAL = Specializer.traits(MethodHandles.lookup());

    /** Parts of {@link #narrow}, the first five of {@link #wide} as well. */
    private static final int PIVOT = 0;
    private static final int GAIN = 1;
    private static final int OFFSET = 2;
    private static final int FIRST = 3;
    private static final int SECOND = 4;
    private static final int WIDE_PARTS = 5;
    private static final int GRADIENT_GAIN = 5;
    private static final int PROJECTION = 6;
    private static final int CONSTANT = 7;
    private static final int PARTS = 8;

    /** Least elements that are normalized at once: to start a loop takes longer than a few vectors. */
    private static final int LEAST_SPAN = 256;

    private static final int QUARTER = LANES / 4;
    private static final int LINE_BYTES = 64;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private final Traits given;
    /** Sums per lane of a block of runs: first all of Σu, then all of Σu·v. */
    private final Tensor lanes;
    /** The coefficients of {@link #span} elements, and the sums of a block of wide rows, part after part. */
    private Tensor narrow;
    /**
     * The first parts once more, off the heap, where they are aligned: a vector that lies in two cache lines takes twice as
     * long to load, and longer to store. Loops over gradients, which have more operands off the heap, take the coefficients
     * from {@link #narrow} all the same: with all of them here, C2 compiled such a loop a hundred times over in a VM that had
     * met confined and shared arenas, because it moved checks of one kind out of the loop that failed for the other.
     */
    private Tensor wide;
    /** Elements from one part to the next. */
    private int pitch;
    /** Elements with coefficients of their own: a whole number of wide rows. */
    private int span;
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
    private static <E> VectorSpecies<E> species(Traits t) {
        return (VectorSpecies<E>) t.species();
    }

    private boolean isFloat() {
        return traits().type() == DataType.F32;
    }

    /** From an element to the next: in elements on the heap, off it in bytes. */
    private static long unit(Traits t, boolean heap) {
        return heap ? 1 : t.type() == DataType.F32 ? Float.BYTES : Double.BYTES;
    }

    /** Loads from a place that is an index on the heap and an offset in bytes off it. */
    private static <E> Vector<E> load(VectorSpecies<E> species, boolean heap, Tensor t, long at) {
        if (heap) {
            return species.fromArray(t.array(), (int) at);
        }
        return species.fromMemorySegment(t.segment(), at, NATIVE);
    }

    private static <E> void store(Vector<E> v, boolean isFloat, Tensor t, long at) {
        if (isFloat) {
            ((FloatVector) v).intoArray(t.floats(), (int) at);
        } else {
            ((DoubleVector) v).intoArray(t.doubles(), (int) at);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E> Vector<E> splat(VectorSpecies<E> species, boolean isFloat, double value) {
        if (isFloat) {
            return (Vector<E>) FloatVector.broadcast((VectorSpecies<Float>) species, (float) value);
        }
        return (Vector<E>) DoubleVector.broadcast((VectorSpecies<Double>) species, value);
    }

    private static <E> Vector<E> fma(Vector<E> a, Vector<E> b, Vector<E> c) {
        return a.lanewise(VectorOperators.FMA, b, c);
    }

    /** x̂ from x. */
    private static <E> Vector<E> xhat(Vector<E> x, Vector<E> pivot, Vector<E> gain, Vector<E> offset) {
        return x.sub(pivot).lanewise(VectorOperators.FMA, gain, offset);
    }

    private double get(boolean heap, Tensor t, long i) {
        long at = t.offset() + i * unit(traits(), heap);
        if (isFloat()) {
            return heap ? t.floats()[(int) at] : t.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        }
        return heap ? t.doubles()[(int) at] : t.segment().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
    }

    private double get(Tensor t, long i) {
        return get(true, t, i);
    }

    /** Sets an element of a result. */
    private void put(Tensor out, long i, double value) {
        if (!traits().outHeap()) {
            putSegment(out.segment(), out.offset() + i * unit(traits(), false), value);
        } else {
            set(out, (int) (out.offset() + i), value);
        }
    }

    private void putSegment(MemorySegment out, long at, double value) {
        if (isFloat()) {
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) value);
        } else {
            out.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, value);
        }
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

    /** Adds n elements of scratch memory to sums in double, by vectors: C2 makes none of a loop over two types. */
    private void widen(Tensor from, int at, int n, double[] to, int start) {
        VectorSpecies<Double> wide = traits().wide();
        int i = 0;
        if (isFloat()) {
            VectorSpecies<Float> half = traits().half();
            for (; i <= n - wide.length(); i += wide.length()) {
                Vector<Double> v = FloatVector.fromArray(half, from.floats(), at + i).castShape(wide, 0);
                DoubleVector.fromArray(wide, to, start + i).add(v).intoArray(to, start + i);
            }
            for (; i < n; i++) {
                to[start + i] += from.floats()[at + i];
            }
        } else {
            double[] doubles = from.doubles();
            for (; i < n; i++) {
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
            long unit = unit(traits(), false);
            return touch(t.segment(), t.offset() + at * unit, (int) (n * unit));
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
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        Vector<E> p = splat(species, isFloat, pivot);
        Vector<E> a = splat(species, isFloat, gain);
        Vector<E> b = splat(species, isFloat, offset);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        clear(lanes, 2 * LANES);
        for (int run = 0; run < runs; run++) {
            for (int from = 0; from < length; from += LANES) {
                long i = at + run * stride + from;
                long xAt = x.offset() + i * xUnit;
                long gAt = t.hasGradient() ? dy.offset() + i * gUnit : 0;
                long scaleAt = t.hasScale() ? scale.offset() + parameter + from : 0;
                int n = Math.min(LANES, length - from);
                int lane = 0;
                for (; lane <= n - step; lane += step) {
                    Vector<E> u = load(species, t.xHeap(), x, xAt + lane * xUnit).sub(p);
                    Vector<E> v = u;
                    if (t.hasGradient()) {
                        v = fma(u, a, b);
                        u = load(species, t.gradientHeap(), dy, gAt + lane * gUnit);
                        if (t.hasScale()) {
                            u = u.mul(load(species, true, scale, scaleAt + lane));
                        }
                    }
                    store(load(species, true, lanes, lane).add(u), isFloat, lanes, lane);
                    store(fma(u, v, load(species, true, lanes, LANES + lane)), isFloat, lanes, LANES + lane);
                }
                for (; lane < n; lane++) {
                    double d = round(element(x, i + lane) - pivot);
                    double u = u(d, dy, scale, i + lane, parameter + from + lane);
                    addSums(lanes, lane, LANES + lane, u, t.hasGradient() ? fma(d, gain, offset) : d);
                }
            }
        }
        foldLanes(length > NARROW_LANES ? LANES : NARROW_LANES, first, second, 0);
    }

    /** Lanes that are folded together, which are 32 apart, are summed side by side: their sums never leave the registers. */
    @Override
    <E> void sumLaneRows(Tensor x, long at, long stride, int sets, int rows, Coefficients c, int set, double[] first,
            double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long unit = unit(t, t.xHeap());
        for (int i = 0; i < sets; i++) {
            Vector<E> p = splat(species, isFloat, c.pivot[set + i]);
            long xAt = x.offset() + (at + i * stride) * unit;
            for (int block = 0; block < rows; block += DEPTH) {
                int end = Math.min(rows, block + DEPTH);
                for (int lane = 0; lane < QUARTER; lane += step) {
                    Vector<E> s0 = zero;
                    Vector<E> s1 = zero;
                    Vector<E> s2 = zero;
                    Vector<E> s3 = zero;
                    Vector<E> q0 = zero;
                    Vector<E> q1 = zero;
                    Vector<E> q2 = zero;
                    Vector<E> q3 = zero;
                    for (int row = block; row < end; row++) {
                        long j = xAt + (row * LANES + lane) * unit;
                        Vector<E> d0 = load(species, t.xHeap(), x, j).sub(p);
                        Vector<E> d1 = load(species, t.xHeap(), x, j + QUARTER * unit).sub(p);
                        Vector<E> d2 = load(species, t.xHeap(), x, j + 2 * QUARTER * unit).sub(p);
                        Vector<E> d3 = load(species, t.xHeap(), x, j + 3 * QUARTER * unit).sub(p);
                        s0 = s0.add(d0);
                        s1 = s1.add(d1);
                        s2 = s2.add(d2);
                        s3 = s3.add(d3);
                        q0 = fma(d0, d0, q0);
                        q1 = fma(d1, d1, q1);
                        q2 = fma(d2, d2, q2);
                        q3 = fma(d3, d3, q3);
                    }
                    store(s0.add(s2).add(s1.add(s3)), isFloat, lanes, lane);
                    store(q0.add(q2).add(q1.add(q3)), isFloat, lanes, LANES + lane);
                }
                foldLanes(QUARTER, first, second, i * NARROW_LANES);
            }
        }
    }

    /** One vector of lanes at a time: with more, there are more operands than C2 can always take. */
    @Override
    <E> void sumGradientLaneRows(Tensor x, Tensor dy, Tensor scale, long at, long stride, int sets, int rows,
            long parameter, Coefficients c, int set, double[] first, double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long scaleAt = t.hasScale() ? scale.offset() + parameter : 0;
        for (int i = 0; i < sets; i++) {
            Vector<E> p = splat(species, isFloat, c.pivot[set + i]);
            Vector<E> a = splat(species, isFloat, c.gain[set + i]);
            Vector<E> b = splat(species, isFloat, c.offset[set + i]);
            long xAt = x.offset() + (at + i * stride) * xUnit;
            long gAt = dy.offset() + (at + i * stride) * gUnit;
            for (int block = 0; block < rows; block += DEPTH) {
                int end = Math.min(rows, block + DEPTH);
                for (int lane = 0; lane < LANES; lane += step) {
                    Vector<E> s = zero;
                    Vector<E> q = zero;
                    for (int row = block; row < end; row++) {
                        int j = row * LANES + lane;
                        Vector<E> g = load(species, t.gradientHeap(), dy, gAt + j * gUnit);
                        if (t.hasScale()) {
                            g = g.mul(load(species, true, scale, scaleAt + j));
                        }
                        s = s.add(g);
                        q = fma(g, xhat(load(species, t.xHeap(), x, xAt + j * xUnit), p, a, b), q);
                    }
                    store(s, isFloat, lanes, lane);
                    store(q, isFloat, lanes, LANES + lane);
                }
                foldLanes(LANES, first, second, i * NARROW_LANES);
            }
        }
    }

    /** Folds some lanes of both sums to 16 and adds those to sums in double. */
    private <E> void foldLanes(int n, double[] first, double[] second, int to) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        for (int half = n / 2; half >= NARROW_LANES; half /= 2) {
            for (int i = 0; i < half; i += species.length()) {
                int j = LANES + i;
                store(load(species, true, lanes, i).add(load(species, true, lanes, i + half)), isFloat, lanes, i);
                store(load(species, true, lanes, j).add(load(species, true, lanes, j + half)), isFloat, lanes, j);
            }
        }
        VectorSpecies<Double> wide = t.wide();
        for (int i = 0; i < NARROW_LANES; i += wide.length()) {
            DoubleVector s = DoubleVector.fromArray(wide, first, to + i);
            DoubleVector q = DoubleVector.fromArray(wide, second, to + i);
            if (isFloat) {
                s = s.add(FloatVector.fromArray(t.half(), lanes.floats(), i).castShape(wide, 0));
                q = q.add(FloatVector.fromArray(t.half(), lanes.floats(), LANES + i).castShape(wide, 0));
            } else {
                s = s.add(DoubleVector.fromArray(wide, lanes.doubles(), i));
                q = q.add(DoubleVector.fromArray(wide, lanes.doubles(), LANES + i));
            }
            s.intoArray(first, to + i);
            q.intoArray(second, to + i);
        }
    }

    /** x − pivot, or g. */
    private double u(double d, Tensor dy, Tensor scale, long i, long parameter) {
        if (!traits().hasGradient()) {
            return d;
        }
        double g = get(traits().gradientHeap(), dy, i);
        return traits().hasScale() ? round(g * get(scale, parameter)) : g;
    }

    @Override
    <E> void applyRun(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long scaleAt, long shiftAt, int n,
            Coefficients c, int set, long ahead) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        double pivot = c.pivot[set];
        double gain = c.gain[set];
        double offset = c.offset[set];
        Vector<E> p = splat(species, isFloat, pivot);
        Vector<E> a = splat(species, isFloat, gain);
        Vector<E> b = splat(species, isFloat, offset);
        Vector<E> one = splat(species, isFloat, 1);
        Vector<E> none = splat(species, isFloat, -0.0);
        boolean elementwise = t.hasScale() || t.hasShift();
        long xUnit = unit(t, t.xHeap());
        long yUnit = unit(t, t.outHeap());
        long xAt = x.offset() + at * xUnit;
        long yAt = y.offset() + at * yUnit;
        long factorAt = t.hasScale() ? scale.offset() + scaleAt : 0;
        long termAt = t.hasShift() ? shift.offset() + shiftAt : 0;
        double seen = 0;
        int i = 0;
        for (; i <= n - step; i += step) {
            if (ahead >= 0) {
                seen += element(x, ahead + i);
            }
            Vector<E> v = xhat(load(species, t.xHeap(), x, xAt + i * xUnit), p, a, b);
            if (elementwise) {
                Vector<E> factor = t.hasScale() ? load(species, true, scale, factorAt + i) : one;
                Vector<E> term = t.hasShift() ? load(species, true, shift, termAt + i) : none;
                v = fma(v, factor, term);
            }
            if (t.outHeap()) {
                store(v, isFloat, y, yAt + i);
            } else {
                v.intoMemorySegment(y.segment(), yAt + i * yUnit, NATIVE);
            }
        }
        for (; i < n; i++) {
            double v = xhat(element(x, at + i), pivot, gain, offset);
            if (elementwise) {
                double factor = t.hasScale() ? get(scale, scaleAt + i) : 1;
                double term = t.hasShift() ? get(shift, shiftAt + i) : -0.0;
                v = fma(v, factor, term);
            }
            put(y, at + i, v);
        }
        touched = seen;
    }

    @Override
    <E> void gradientRun(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long parameter, int n, Coefficients c,
            int set) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        double pivot = c.pivot[set];
        double gain = c.gain[set];
        double offset = c.offset[set];
        double gradientGain = c.gradientGain[set];
        double projection = c.projection[set];
        double constant = c.constant[set];
        Vector<E> p = splat(species, isFloat, pivot);
        Vector<E> a = splat(species, isFloat, gain);
        Vector<E> b = splat(species, isFloat, offset);
        Vector<E> factor = splat(species, isFloat, gradientGain);
        Vector<E> slope = splat(species, isFloat, projection);
        Vector<E> term = splat(species, isFloat, constant);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long outUnit = unit(t, t.outHeap());
        long xAt = x.offset() + at * xUnit;
        long gAt = dy.offset() + at * gUnit;
        long outAt = dx.offset() + at * outUnit;
        long scaleAt = t.hasScale() ? scale.offset() + parameter : 0;
        int i = 0;
        for (; i <= n - step; i += step) {
            Vector<E> xhat = xhat(load(species, t.xHeap(), x, xAt + i * xUnit), p, a, b);
            Vector<E> g = load(species, t.gradientHeap(), dy, gAt + i * gUnit);
            if (t.hasScale()) {
                g = g.mul(load(species, true, scale, scaleAt + i));
            }
            Vector<E> v = fma(g, factor, fma(xhat, slope, term));
            if (t.outHeap()) {
                store(v, isFloat, dx, outAt + i);
            } else {
                v.intoMemorySegment(dx.segment(), outAt + i * outUnit, NATIVE);
            }
        }
        for (; i < n; i++) {
            double xhat = xhat(element(x, at + i), pivot, gain, offset);
            double g = u(xhat, dy, scale, at + i, parameter + i);
            put(dx, at + i, fma(g, gradientGain, fma(xhat, projection, constant)));
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
    void addColumns(Tensor x, long at) {
        Tensor from = sums;
        long start = columns;
        if (traits().xHeap()) {
            from = x;
            start = x.offset() + at;
        } else {
            // To the place of the second sum, which has no other use here.
            read(x.segment(), x.offset() + at * unit(traits(), false), sums, columns, columns);
        }
        if (isFloat()) {
            float[] row = from.floats();
            float[] sum = sums.floats();
            for (int j = 0; j < columns; j++) {
                sum[j] += row[(int) start + j];
            }
        } else {
            double[] row = from.doubles();
            double[] sum = sums.doubles();
            for (int j = 0; j < columns; j++) {
                sum[j] += row[(int) start + j];
            }
        }
    }

    /** Copies n elements to scratch memory. */
    private void read(MemorySegment from, long at, Tensor to, int i, int n) {
        if (isFloat()) {
            MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, at, to.floats(), i, n);
        } else {
            MemorySegment.copy(from, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, to.doubles(), i, n);
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
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long xNext = stride * xUnit;
        long gNext = stride * gUnit;
        for (int row = 0; row < 2 * pairs; row += 2) {
            Vector<E> p0 = splat(species, isFloat, c.pivot[set + row]);
            Vector<E> a0 = splat(species, isFloat, c.gain[set + row]);
            Vector<E> b0 = splat(species, isFloat, c.offset[set + row]);
            Vector<E> p1 = splat(species, isFloat, c.pivot[set + row + 1]);
            Vector<E> a1 = splat(species, isFloat, c.gain[set + row + 1]);
            Vector<E> b1 = splat(species, isFloat, c.offset[set + row + 1]);
            long xAt = x.offset() + (at + row * stride) * xUnit;
            long gAt = dy.offset() + (at + row * stride) * gUnit;
            for (int j = 0; j <= columns - step; j += step) {
                Vector<E> g0 = load(species, t.gradientHeap(), dy, gAt + j * gUnit);
                Vector<E> g1 = load(species, t.gradientHeap(), dy, gAt + gNext + j * gUnit);
                Vector<E> xhat0 = xhat(load(species, t.xHeap(), x, xAt + j * xUnit), p0, a0, b0);
                Vector<E> xhat1 = xhat(load(species, t.xHeap(), x, xAt + xNext + j * xUnit), p1, a1, b1);
                Vector<E> q = fma(g0, xhat0, load(species, true, sums, columns + j));
                store(fma(g1, xhat1, q), isFloat, sums, columns + j);
                store(load(species, true, sums, j).add(g0).add(g1), isFloat, sums, j);
            }
        }
    }

    @Override
    void addParameterRest(Tensor x, Tensor dy, long at, long stride, int rows, Coefficients c, int set) {
        int from = columns - columns % traits().species().length();
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
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long xAt = x.offset() + at * xUnit;
        long gAt = dy.offset() + at * gUnit;
        Vector<E> p = splat(species, isFloat, c.pivot[set]);
        Vector<E> a = splat(species, isFloat, c.gain[set]);
        Vector<E> b = splat(species, isFloat, c.offset[set]);
        for (int j = 0; j <= columns - step; j += step) {
            Vector<E> g = load(species, t.gradientHeap(), dy, gAt + j * gUnit);
            Vector<E> xhat = xhat(load(species, t.xHeap(), x, xAt + j * xUnit), p, a, b);
            store(fma(g, xhat, load(species, true, sums, columns + j)), isFloat, sums, columns + j);
            store(load(species, true, sums, j).add(g), isFloat, sums, j);
        }
    }

    /** Where a part of {@link #wide} starts, in bytes. */
    private long part(int part) {
        return wide.offset() + part * pitch * unit(traits(), false);
    }

    private double one(int part, int column) {
        return get(narrow, (long) part * pitch + column);
    }

    @Override
    int stage(Coefficients c, int newWidth) {
        if (width != newWidth) {
            width = newWidth;
            span = width * Math.max(1, LEAST_SPAN / width);
            int line = LINE_BYTES / traits().type().bytes();
            pitch = Math.ceilDiv(span, line) * line;
            narrow = scratch((long) PARTS * pitch);
            wide = Tensor.allocate(TensorSpec.rows((long) WIDE_PARTS * pitch).as(traits().type()), Arena.ofAuto());
        }
        stage(c.pivot, PIVOT);
        stage(c.gain, GAIN);
        stage(c.offset, OFFSET);
        if (traits().hasGradient()) {
            stage(c.gradientGain, GRADIENT_GAIN);
            stage(c.projection, PROJECTION);
            stage(c.constant, CONSTANT);
        } else {
            write(PIVOT);
            write(GAIN);
            write(OFFSET);
        }
        return span;
    }

    private void stage(double[] from, int part) {
        int at = part * pitch;
        if (isFloat()) {
            float[] to = narrow.floats();
            for (int i = 0; i < width; i++) {
                to[at + i] = (float) from[i];
            }
        } else {
            System.arraycopy(from, 0, narrow.doubles(), at, width);
        }
        for (int i = width; i < span; i += width) {
            System.arraycopy(narrow.array(), at, narrow.array(), at + i, width);
        }
    }

    /** Copies a part to where it is aligned. */
    private void write(int part) {
        int at = part * pitch;
        if (isFloat()) {
            MemorySegment.copy(narrow.floats(), at, wide.segment(), ValueLayout.JAVA_FLOAT, part(part), span);
        } else {
            MemorySegment.copy(narrow.doubles(), at, wide.segment(), ValueLayout.JAVA_DOUBLE, part(part), span);
        }
    }

    @Override
    void clearWide() {
        if (isFloat()) {
            Arrays.fill(narrow.floats(), FIRST * pitch, (SECOND + 1) * pitch, 0);
        } else {
            Arrays.fill(narrow.doubles(), FIRST * pitch, (SECOND + 1) * pitch, 0);
        }
        write(FIRST);
        write(SECOND);
    }

    @Override
    void readWide() {
        read(wide.segment(), part(FIRST), narrow, FIRST * pitch, width);
        read(wide.segment(), part(SECOND), narrow, SECOND * pitch, width);
    }

    @Override
    void flushWide(double[] s1, double[] s2) {
        widen(narrow, FIRST * pitch, width, s1, 0);
        widen(narrow, SECOND * pitch, width, s2, 0);
    }

    @Override
    <E> void sumWideRows(Tensor x, Tensor dy, long at, int rows, int last) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        int step = species.length();
        long unit = unit(t, false);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long pivot = part(PIVOT);
        long first = part(FIRST);
        long second = part(SECOND);
        int gain = GAIN * pitch;
        int offset = OFFSET * pitch;
        for (int row = 0; row < rows; row++) {
            long i = at + (long) row * width;
            long xAt = x.offset() + i * xUnit;
            long gAt = t.hasGradient() ? dy.offset() + i * gUnit : 0;
            int n = row < rows - 1 ? width : last;
            for (int j = 0; j <= n - step; j += step) {
                Vector<E> u = load(species, t.xHeap(), x, xAt + j * xUnit);
                Vector<E> v;
                if (t.hasGradient()) {
                    Vector<E> p = load(species, true, narrow, j);
                    Vector<E> a = load(species, true, narrow, gain + j);
                    v = xhat(u, p, a, load(species, true, narrow, offset + j));
                    u = load(species, t.gradientHeap(), dy, gAt + j * gUnit);
                } else {
                    u = u.sub(load(species, false, wide, pivot + j * unit));
                    v = u;
                }
                Vector<E> s = load(species, false, wide, first + j * unit).add(u);
                Vector<E> q = fma(u, v, load(species, false, wide, second + j * unit));
                s.intoMemorySegment(wide.segment(), first + j * unit, NATIVE);
                q.intoMemorySegment(wide.segment(), second + j * unit, NATIVE);
            }
        }
    }

    @Override
    <E> int sumStrips(Tensor x, Tensor dy, long at, int rows) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long xNext = width * xUnit;
        long gNext = width * gUnit;
        int j = 0;
        if (t.hasGradient()) {
            for (; j <= width - 2 * step; j += 2 * step) {
                int p = PIVOT * pitch + j;
                int a = GAIN * pitch + j;
                int b = OFFSET * pitch + j;
                Vector<E> p0 = load(species, true, narrow, p);
                Vector<E> p1 = load(species, true, narrow, p + step);
                Vector<E> a0 = load(species, true, narrow, a);
                Vector<E> a1 = load(species, true, narrow, a + step);
                Vector<E> b0 = load(species, true, narrow, b);
                Vector<E> b1 = load(species, true, narrow, b + step);
                Vector<E> s0 = zero;
                Vector<E> s1 = zero;
                Vector<E> q0 = zero;
                Vector<E> q1 = zero;
                long xAt = x.offset() + (at + j) * xUnit;
                long gAt = dy.offset() + (at + j) * gUnit;
                for (int row = 0; row < rows; row++) {
                    Vector<E> v0 = xhat(load(species, t.xHeap(), x, xAt), p0, a0, b0);
                    Vector<E> v1 = xhat(load(species, t.xHeap(), x, xAt + step * xUnit), p1, a1, b1);
                    Vector<E> u0 = load(species, t.gradientHeap(), dy, gAt);
                    Vector<E> u1 = load(species, t.gradientHeap(), dy, gAt + step * gUnit);
                    s0 = s0.add(u0);
                    s1 = s1.add(u1);
                    q0 = fma(u0, v0, q0);
                    q1 = fma(u1, v1, q1);
                    xAt += xNext;
                    gAt += gNext;
                }
                int s = FIRST * pitch + j;
                int q = SECOND * pitch + j;
                store(s0, isFloat, narrow, s);
                store(s1, isFloat, narrow, s + step);
                store(q0, isFloat, narrow, q);
                store(q1, isFloat, narrow, q + step);
            }
        } else {
            for (; j <= width - 4 * step; j += 4 * step) {
                int p = PIVOT * pitch + j;
                Vector<E> p0 = load(species, true, narrow, p);
                Vector<E> p1 = load(species, true, narrow, p + step);
                Vector<E> p2 = load(species, true, narrow, p + 2 * step);
                Vector<E> p3 = load(species, true, narrow, p + 3 * step);
                Vector<E> s0 = zero;
                Vector<E> s1 = zero;
                Vector<E> s2 = zero;
                Vector<E> s3 = zero;
                Vector<E> q0 = zero;
                Vector<E> q1 = zero;
                Vector<E> q2 = zero;
                Vector<E> q3 = zero;
                long xAt = x.offset() + (at + j) * xUnit;
                for (int row = 0; row < rows; row++) {
                    Vector<E> u0 = load(species, t.xHeap(), x, xAt).sub(p0);
                    Vector<E> u1 = load(species, t.xHeap(), x, xAt + step * xUnit).sub(p1);
                    Vector<E> u2 = load(species, t.xHeap(), x, xAt + 2 * step * xUnit).sub(p2);
                    Vector<E> u3 = load(species, t.xHeap(), x, xAt + 3 * step * xUnit).sub(p3);
                    s0 = s0.add(u0);
                    s1 = s1.add(u1);
                    s2 = s2.add(u2);
                    s3 = s3.add(u3);
                    q0 = fma(u0, u0, q0);
                    q1 = fma(u1, u1, q1);
                    q2 = fma(u2, u2, q2);
                    q3 = fma(u3, u3, q3);
                    xAt += xNext;
                }
                int s = FIRST * pitch + j;
                int q = SECOND * pitch + j;
                store(s0, isFloat, narrow, s);
                store(s1, isFloat, narrow, s + step);
                store(s2, isFloat, narrow, s + 2 * step);
                store(s3, isFloat, narrow, s + 3 * step);
                store(q0, isFloat, narrow, q);
                store(q1, isFloat, narrow, q + step);
                store(q2, isFloat, narrow, q + 2 * step);
                store(q3, isFloat, narrow, q + 3 * step);
            }
        }
        return j;
    }

    @Override
    <E> void sumStrip(Tensor x, Tensor dy, long at, int rows, int from) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long xNext = width * xUnit;
        long gNext = width * gUnit;
        for (int j = from; j <= width - step; j += step) {
            Vector<E> p = load(species, true, narrow, PIVOT * pitch + j);
            Vector<E> a = load(species, true, narrow, GAIN * pitch + j);
            Vector<E> b = load(species, true, narrow, OFFSET * pitch + j);
            Vector<E> s = zero;
            Vector<E> q = zero;
            long xAt = x.offset() + (at + j) * xUnit;
            long gAt = t.hasGradient() ? dy.offset() + (at + j) * gUnit : 0;
            for (int row = 0; row < rows; row++) {
                Vector<E> u = load(species, t.xHeap(), x, xAt).sub(p);
                Vector<E> v = u;
                if (t.hasGradient()) {
                    v = fma(u, a, b);
                    u = load(species, t.gradientHeap(), dy, gAt);
                    gAt += gNext;
                }
                s = s.add(u);
                q = fma(u, v, q);
                xAt += xNext;
            }
            store(s, isFloat, narrow, FIRST * pitch + j);
            store(q, isFloat, narrow, SECOND * pitch + j);
        }
    }

    @Override
    void addElements(Tensor x, Tensor dy, long at, int from, int to) {
        int first = FIRST * pitch;
        int second = SECOND * pitch;
        for (int j = from; j < to; j++) {
            double d = round(element(x, at + j) - one(PIVOT, j));
            double v = traits().hasGradient() ? fma(d, one(GAIN, j), one(OFFSET, j)) : d;
            addSums(narrow, first + j, second + j, u(d, dy, null, at + j, 0), v);
        }
    }

    @Override
    <E> void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int rows, int last) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.type() == DataType.F32;
        int step = species.length();
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long outUnit = unit(t, t.outHeap());
        long unit = unit(t, false);
        long pivot = part(PIVOT);
        long gain = part(GAIN);
        long offset = part(OFFSET);
        for (int row = 0; row < rows; row++) {
            long i = at + (long) row * span;
            long xAt = x.offset() + i * xUnit;
            long gAt = t.hasGradient() ? dy.offset() + i * gUnit : 0;
            long outAt = out.offset() + i * outUnit;
            int n = row < rows - 1 ? span : last;
            int j = 0;
            for (; j <= n - step; j += step) {
                Vector<E> v = load(species, t.xHeap(), x, xAt + j * xUnit);
                if (t.hasGradient()) {
                    Vector<E> p = load(species, true, narrow, j);
                    Vector<E> a = load(species, true, narrow, GAIN * pitch + j);
                    v = xhat(v, p, a, load(species, true, narrow, OFFSET * pitch + j));
                    Vector<E> slope = load(species, true, narrow, PROJECTION * pitch + j);
                    Vector<E> term = load(species, true, narrow, CONSTANT * pitch + j);
                    Vector<E> factor = load(species, true, narrow, GRADIENT_GAIN * pitch + j);
                    v = fma(load(species, t.gradientHeap(), dy, gAt + j * gUnit), factor, fma(v, slope, term));
                } else {
                    Vector<E> p = load(species, false, wide, pivot + j * unit);
                    Vector<E> a = load(species, false, wide, gain + j * unit);
                    v = xhat(v, p, a, load(species, false, wide, offset + j * unit));
                }
                if (t.outHeap()) {
                    store(v, isFloat, out, outAt + j);
                } else {
                    v.intoMemorySegment(out.segment(), outAt + j * outUnit, NATIVE);
                }
            }
            if (j < n) {
                applyElements(x, dy, out, i, j, n);
            }
        }
    }

    private void applyElements(Tensor x, Tensor dy, Tensor out, long at, int from, int to) {
        for (int j = from; j < to; j++) {
            double v = xhat(element(x, at + j), one(PIVOT, j), one(GAIN, j), one(OFFSET, j));
            if (traits().hasGradient()) {
                double rest = fma(v, one(PROJECTION, j), one(CONSTANT, j));
                v = fma(get(traits().gradientHeap(), dy, at + j), one(GRADIENT_GAIN, j), rest);
            }
            put(out, at + j, v);
        }
    }
}
