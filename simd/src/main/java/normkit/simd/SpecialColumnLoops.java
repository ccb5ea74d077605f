package normkit.simd;

import static normkit.simd.Elements.addSums;
import static normkit.simd.Elements.element;
import static normkit.simd.Elements.fma;
import static normkit.simd.Elements.get;
import static normkit.simd.Elements.put;
import static normkit.simd.Elements.round;
import static normkit.simd.Vectors.fma;
import static normkit.simd.Vectors.species;
import static normkit.simd.Vectors.splat;
import static normkit.simd.Vectors.store;
import static normkit.simd.Vectors.unit;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * {@link ColumnLoops} in vectors: the template of the hidden classes {@link Specializer} makes. The order of every sum is that
 * of docs/numerics.md whatever the size of a vector; {@link Vectors} says how a loop must be written.
 *
 * <p>Columns are walked row by row, one row at a time: memory that is read and written from front to back comes fastest by
 * far, and the sums and coefficients, which every row loads and stores again, cost little once they are aligned. Where wide
 * rows are short, starting a loop for each would cost more than what it does: there the sums of some columns are kept in
 * registers down a block, and several wide rows are normalized as one.
 *
 * <p>Sums of moments and of gradients are the same loops: Σu and Σu·v, where u and v are both x − pivot, or g and x̂.
 */
final class SpecialColumnLoops extends ColumnLoops {

    private static final Traits SPECIAL = Specializer.traits(MethodHandles.lookup());

    /** Parts of {@link #narrow} and {@link #wide}. */
    private static final int PIVOT = 0;
    private static final int GAIN = 1;
    private static final int OFFSET = 2;
    private static final int FIRST = 3;
    private static final int SECOND = 4;
    private static final int PARTS = 5;
    /** What the backward formula has in their places, after the pivot. */
    private static final int PROJECTION = GAIN;
    private static final int CONSTANT = OFFSET;
    private static final int GRADIENT_GAIN = FIRST;

    /** Least elements that are normalized at once: to start a loop takes longer than a few vectors. */
    private static final int LEAST_SPAN = 256;

    /** Half a page, in lines, and by how many lines parts that would lie so far apart are moved. */
    private static final int HALF_PAGE = 32;
    private static final int MOVED = 13;

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private final Traits given;
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
    private int width;

    SpecialColumnLoops(Traits traits) {
        this.given = traits;
    }

    private Traits traits() {
        return SPECIAL != null ? SPECIAL : given;
    }

    /** Loads from a place that is an index on the heap and an offset in bytes off it. */
    private static <E> Vector<E> load(VectorSpecies<E> species, boolean heap, Tensor t, long at) {
        if (heap) {
            return species.fromArray(t.array(), (int) at);
        }
        return species.fromMemorySegment(t.segment(), at, NATIVE);
    }

    /** x̂ from x. */
    private static <E> Vector<E> xhat(Vector<E> x, Vector<E> pivot, Vector<E> gain, Vector<E> offset) {
        return x.sub(pivot).lanewise(VectorOperators.FMA, gain, offset);
    }

    /** Where a part of {@link #wide} starts, in bytes. */
    private long part(int part) {
        return wide.offset() + part * pitch * unit(traits(), false);
    }

    private double one(int part, int column) {
        return get(traits(), narrow, (long) part * pitch + column);
    }

    @Override
    void stage(Coefficients c, int newWidth) {
        makeRoom(newWidth);
        stage(c.pivot, PIVOT);
        stage(c.gain, GAIN);
        stage(c.offset, OFFSET);
        if (!traits().hasGradient()) {
            write(PIVOT);
            write(GAIN);
            write(OFFSET);
        }
    }

    @Override
    void stageGradient(Coefficients c, int newWidth) {
        makeRoom(newWidth);
        stage(c.pivot, PIVOT);
        stage(c.projection, PROJECTION);
        stage(c.constant, CONSTANT);
        stage(c.gradientGain, GRADIENT_GAIN);
    }

    @Override
    int span() {
        return span;
    }

    private void makeRoom(int newWidth) {
        Traits t = traits();
        if (width != newWidth) {
            width = newWidth;
            span = width * Math.max(1, LEAST_SPAN / width);
            pitch = pitch(span, FarMemory.LINE_BYTES / t.type().bytes());
            narrow = Scratch.allocate(t.type(), (long) PARTS * pitch);
            wide = Tensor.allocate(TensorSpec.rows((long) PARTS * pitch).as(t.type()), Arena.ofAuto());
        }
    }

    /** Whole lines, and not half pages: what is stored a page from where something is loaded seems to be that thing. */
    private static int pitch(int elements, int line) {
        int lines = Math.ceilDiv(elements, line);
        return (lines % HALF_PAGE == 0 ? lines + MOVED : lines) * line;
    }

    private void stage(double[] from, int part) {
        int at = part * pitch;
        if (traits().isFloat()) {
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
        Scratch.write(narrow, part * pitch, span, wide.segment(), part(part));
    }

    @Override
    void clearWide() {
        Scratch.clear(narrow, FIRST * pitch, (SECOND + 1) * pitch);
        write(FIRST);
        write(SECOND);
    }

    @Override
    void readWide() {
        Scratch.read(wide.segment(), part(FIRST), narrow, FIRST * pitch, width);
        Scratch.read(wide.segment(), part(SECOND), narrow, SECOND * pitch, width);
    }

    @Override
    void flushWide(double[] s1, double[] s2) {
        Scratch.widen(narrow, FIRST * pitch, width, s1, 0);
        Scratch.widen(narrow, SECOND * pitch, width, s2, 0);
    }

    @Override
    <E> void sumWideRows(Tensor x, Tensor dy, long at, int column, int rows, int last) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        int step = species.length();
        long unit = unit(t, false);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long pivot = part(PIVOT) + column * unit;
        long first = part(FIRST) + column * unit;
        long second = part(SECOND) + column * unit;
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
                    Vector<E> p = load(species, true, narrow, column + j);
                    Vector<E> a = load(species, true, narrow, gain + column + j);
                    v = xhat(u, p, a, load(species, true, narrow, offset + column + j));
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
        boolean isFloat = t.isFloat();
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
        boolean isFloat = t.isFloat();
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
        Traits t = traits();
        int first = FIRST * pitch;
        int second = SECOND * pitch;
        for (int j = from; j < to; j++) {
            double d = round(t, element(t, x, at + j) - one(PIVOT, j));
            double u = t.hasGradient() ? get(t, t.gradientHeap(), dy, at + j) : d;
            double v = t.hasGradient() ? fma(t, d, one(GAIN, j), one(OFFSET, j)) : d;
            addSums(t, narrow, first + j, second + j, u, v);
        }
    }

    @Override
    <E> void applyColumns(Tensor x, Tensor dy, Tensor out, long at, int column, int rows, int last) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long outUnit = unit(t, t.outHeap());
        long unit = unit(t, false);
        long pivot = part(PIVOT) + column * unit;
        long gain = part(GAIN) + column * unit;
        long offset = part(OFFSET) + column * unit;
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
                    Vector<E> p = load(species, true, narrow, column + j);
                    Vector<E> slope = load(species, true, narrow, PROJECTION * pitch + column + j);
                    Vector<E> term = load(species, true, narrow, CONSTANT * pitch + column + j);
                    Vector<E> factor = load(species, true, narrow, GRADIENT_GAIN * pitch + column + j);
                    v = fma(v.sub(p), slope, term);
                    v = fma(load(species, t.gradientHeap(), dy, gAt + j * gUnit), factor, v);
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
                applyElements(x, dy, out, i, column, j, n);
            }
        }
    }

    private void applyElements(Tensor x, Tensor dy, Tensor out, long at, int column, int from, int to) {
        Traits t = traits();
        for (int j = from; j < to; j++) {
            // Backward, projection and constant have the places of gain and offset.
            double v = Elements.xhat(t, element(t, x, at + j), one(PIVOT, column + j), one(GAIN, column + j),
                    one(OFFSET, column + j));
            if (t.hasGradient()) {
                v = fma(t, get(t, t.gradientHeap(), dy, at + j), one(GRADIENT_GAIN, column + j), v);
            }
            put(t, out, at + j, v);
        }
    }
}
