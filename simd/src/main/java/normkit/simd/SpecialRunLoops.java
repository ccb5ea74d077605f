package normkit.simd;

import static normkit.geometry.Lanes.DEPTH;
import static normkit.geometry.Lanes.LANES;
import static normkit.geometry.Lanes.NARROW_LANES;
import static normkit.simd.Elements.addSums;
import static normkit.simd.Elements.element;
import static normkit.simd.Elements.fma;
import static normkit.simd.Elements.get;
import static normkit.simd.Elements.put;
import static normkit.simd.Elements.round;
import static normkit.simd.Vectors.HALF;
import static normkit.simd.Vectors.WIDE;
import static normkit.simd.Vectors.fma;
import static normkit.simd.Vectors.species;
import static normkit.simd.Vectors.splat;
import static normkit.simd.Vectors.store;
import static normkit.simd.Vectors.unit;

import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/**
 * {@link RunLoops} in vectors: the template of the hidden classes {@link Specializer} makes. The order of every sum is that of
 * docs/numerics.md whatever the size of a vector; {@link Vectors} says how a loop must be written.
 *
 * <p>Sums of moments and of gradients are the same loops: Σu and Σu·v, where u and v are both x − pivot, or g and x̂.
 */
final class SpecialRunLoops extends RunLoops {

    private static final Traits SPECIAL = Specializer.traits(MethodHandles.lookup());
    private static final int QUARTER = LANES / 4;
    private static final int HALF_LANES = LANES / 2;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private final Traits given;
    /** Sums per lane of a block of each set: first all of Σu, then all of Σu·v. */
    private final Tensor lanes;
    /**
     * {@code LANES}, which the compiler must not know: a loop of constant stride it cuts into several, to check bounds once for
     * many turns, and getting into those takes longer than the few turns there are.
     */
    private long laneRow = LANES;
    /** Sums per column of a block of rows: first all of Σu, then, from {@link #columns} on, all of Σu·v. */
    private Tensor sums;
    private int columns;
    /** Keeps the compiler from leaving out the reading ahead. */
    private double touched;

    SpecialRunLoops(Traits traits) {
        this.given = traits;
        this.lanes = Scratch.allocate(traits.type(), 2 * HALF_LANES * SETS);
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

    @Override
    void pivots(Tensor x, long i, long j, long k, long l, long stride, int sets, Coefficients c, int set) {
        Traits t = traits();
        for (int n = 0; n < sets; n++) {
            long at = n * stride;
            double low = round(t, element(t, x, i + at) + element(t, x, j + at));
            double high = round(t, element(t, x, k + at) + element(t, x, l + at));
            c.pivot[set + n] = round(t, round(t, low + high) / 4);
        }
    }

    @Override
    <E> void sumRuns(Tensor x, Tensor dy, Tensor scale, long at, long stride, int runs, int length, boolean open,
            long parameter, double pivot, double gain, double offset, double[] first, double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        Vector<E> p = splat(species, isFloat, pivot);
        Vector<E> a = splat(species, isFloat, gain);
        Vector<E> b = splat(species, isFloat, offset);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        // The lanes beyond a short run would be zero.
        int held = open || length > QUARTER ? LANES : QUARTER;
        // Not by a call of Scratch.clear: planes of 7x7 then take 3 to 10 % longer.
        Vector<E> zero = splat(species, isFloat, 0);
        for (int i = open ? 2 * held : 0; i < 2 * held; i += step) {
            store(zero, isFloat, lanes, i);
        }
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
                    store(fma(u, v, load(species, true, lanes, held + lane)), isFloat, lanes, held + lane);
                }
                for (; lane < n; lane++) {
                    double d = round(t, element(t, x, i + lane) - pivot);
                    double u = u(d, dy, scale, i + lane, parameter + from + lane);
                    addSums(t, lanes, lane, held + lane, u, t.hasGradient() ? fma(t, d, gain, offset) : d);
                }
            }
        }
        foldLanes(held, 1, first, second);
    }

    /**
     * Lanes that are folded together, which are 32 apart, are summed side by side: their sums never leave the registers. The
     * pivot is made anew for every block, as what stays the same beyond a call the compiler makes anew for every use.
     */
    @Override
    <E> void sumLaneRows(Tensor x, long at, long stride, int sets, int rows, boolean open, Coefficients c, int set,
            double[] first, double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long unit = unit(t, t.xHeap());
        long next = laneRow * unit;
        for (int block = 0; block < rows; block += DEPTH) {
            int end = Math.min(rows, block + DEPTH);
            boolean stays = open && end == rows;
            for (int i = 0; i < sets; i++) {
                Vector<E> p = splat(species, isFloat, c.pivot[set + i]);
                long from = x.offset() + (at + i * stride) * unit + block * next;
                long stop = from + (end - block) * next;
                int to = 2 * QUARTER * i;
                for (int lane = 0; lane < QUARTER; lane += step) {
                    Vector<E> s0 = zero;
                    Vector<E> s1 = zero;
                    Vector<E> s2 = zero;
                    Vector<E> s3 = zero;
                    Vector<E> q0 = zero;
                    Vector<E> q1 = zero;
                    Vector<E> q2 = zero;
                    Vector<E> q3 = zero;
                    for (long j = from + lane * unit; j < stop; j += next) {
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
                    if (stays) {
                        store(s0, isFloat, lanes, lane);
                        store(s1, isFloat, lanes, QUARTER + lane);
                        store(s2, isFloat, lanes, 2 * QUARTER + lane);
                        store(s3, isFloat, lanes, 3 * QUARTER + lane);
                        store(q0, isFloat, lanes, LANES + lane);
                        store(q1, isFloat, lanes, LANES + QUARTER + lane);
                        store(q2, isFloat, lanes, LANES + 2 * QUARTER + lane);
                        store(q3, isFloat, lanes, LANES + 3 * QUARTER + lane);
                    } else {
                        store(s0.add(s2).add(s1.add(s3)), isFloat, lanes, to + lane);
                        store(q0.add(q2).add(q1.add(q3)), isFloat, lanes, to + QUARTER + lane);
                    }
                }
            }
            if (!stays) {
                foldLanes(QUARTER, sets, first, second);
            }
        }
    }

    /** Two vectors of lanes at a time, 64 apart, which are folded together: with four, it was no faster. */
    @Override
    <E> void sumGradientLaneRows(Tensor x, Tensor dy, Tensor scale, long at, long stride, int sets, int rows,
            boolean open, long parameter, Coefficients c, int set, double[] first, double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        Vector<E> zero = splat(species, isFloat, 0);
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long next = laneRow;
        long scaleAt = t.hasScale() ? scale.offset() + parameter : 0;
        for (int block = 0; block < rows; block += DEPTH) {
            int end = Math.min(rows, block + DEPTH);
            boolean stays = open && end == rows;
            long from = block * next;
            long stop = end * next;
            for (int i = 0; i < sets; i++) {
                Vector<E> p = splat(species, isFloat, c.pivot[set + i]);
                Vector<E> a = splat(species, isFloat, c.gain[set + i]);
                Vector<E> b = splat(species, isFloat, c.offset[set + i]);
                long xAt = x.offset() + (at + i * stride) * xUnit;
                long gAt = dy.offset() + (at + i * stride) * gUnit;
                int to = 2 * HALF_LANES * i;
                for (int lane = 0; lane < HALF_LANES; lane += step) {
                    Vector<E> s0 = zero;
                    Vector<E> s1 = zero;
                    Vector<E> q0 = zero;
                    Vector<E> q1 = zero;
                    for (long j = from + lane; j < stop; j += next) {
                        long k = j + HALF_LANES;
                        Vector<E> g0 = load(species, t.gradientHeap(), dy, gAt + j * gUnit);
                        Vector<E> g1 = load(species, t.gradientHeap(), dy, gAt + k * gUnit);
                        if (t.hasScale()) {
                            g0 = g0.mul(load(species, true, scale, scaleAt + j));
                            g1 = g1.mul(load(species, true, scale, scaleAt + k));
                        }
                        s0 = s0.add(g0);
                        s1 = s1.add(g1);
                        q0 = fma(g0, xhat(load(species, t.xHeap(), x, xAt + j * xUnit), p, a, b), q0);
                        q1 = fma(g1, xhat(load(species, t.xHeap(), x, xAt + k * xUnit), p, a, b), q1);
                    }
                    if (stays) {
                        store(s0, isFloat, lanes, lane);
                        store(s1, isFloat, lanes, HALF_LANES + lane);
                        store(q0, isFloat, lanes, LANES + lane);
                        store(q1, isFloat, lanes, LANES + HALF_LANES + lane);
                    } else {
                        store(s0.add(s1), isFloat, lanes, to + lane);
                        store(q0.add(q1), isFloat, lanes, to + HALF_LANES + lane);
                    }
                }
            }
            if (!stays) {
                foldLanes(HALF_LANES, sets, first, second);
            }
        }
    }

    /** Folds the lanes of both sums of every set, n of each, to 16 and adds those to sums in double. */
    private <E> void foldLanes(int n, int sets, double[] first, double[] second) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        for (int half = n / 2; half > NARROW_LANES; half /= 2) {
            for (int from = 0; from < 2 * sets * n; from += n) {
                for (int i = from; i < from + half; i += species.length()) {
                    store(load(species, true, lanes, i).add(load(species, true, lanes, i + half)), isFloat, lanes, i);
                }
            }
        }
        for (int set = 0; set < sets; set++) {
            for (int i = 0; i < NARROW_LANES; i += WIDE.length()) {
                int at = 2 * set * n + i;
                int to = set * NARROW_LANES + i;
                DoubleVector s;
                DoubleVector q;
                if (isFloat) {
                    float[] v = lanes.floats();
                    s = (DoubleVector) FloatVector.fromArray(HALF, v, at)
                            .add(FloatVector.fromArray(HALF, v, at + NARROW_LANES)).castShape(WIDE, 0);
                    q = (DoubleVector) FloatVector.fromArray(HALF, v, at + n)
                            .add(FloatVector.fromArray(HALF, v, at + n + NARROW_LANES)).castShape(WIDE, 0);
                } else {
                    double[] v = lanes.doubles();
                    s = DoubleVector.fromArray(WIDE, v, at).add(DoubleVector.fromArray(WIDE, v, at + NARROW_LANES));
                    q = DoubleVector.fromArray(WIDE, v, at + n)
                            .add(DoubleVector.fromArray(WIDE, v, at + n + NARROW_LANES));
                }
                DoubleVector.fromArray(WIDE, first, to).add(s).intoArray(first, to);
                DoubleVector.fromArray(WIDE, second, to).add(q).intoArray(second, to);
            }
        }
    }

    /** x − pivot, or g. */
    private double u(double d, Tensor dy, Tensor scale, long i, long parameter) {
        Traits t = traits();
        if (!t.hasGradient()) {
            return d;
        }
        double g = get(t, t.gradientHeap(), dy, i);
        return t.hasScale() ? round(t, g * get(t, scale, parameter)) : g;
    }

    @Override
    <E> void applyRuns(Tensor x, Tensor scale, Tensor shift, Tensor y, long at, long stride, int runs, long scaleAt,
            long shiftAt, int n, Coefficients c, int set, int nextSet, long ahead, int aheadRuns) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        Vector<E> one = splat(species, isFloat, 1);
        Vector<E> none = splat(species, isFloat, -0.0);
        boolean elementwise = t.hasScale() || t.hasShift();
        long xUnit = unit(t, t.xHeap());
        long yUnit = unit(t, t.outHeap());
        long factorAt = t.hasScale() ? scale.offset() + scaleAt : 0;
        long termAt = t.hasShift() ? shift.offset() + shiftAt : 0;
        double seen = 0;
        for (int run = 0; run < runs; run++) {
            int k = set + run * nextSet;
            double pivot = c.pivot[k];
            double gain = c.gain[k];
            double offset = c.offset[k];
            Vector<E> p = splat(species, isFloat, pivot);
            Vector<E> a = splat(species, isFloat, gain);
            Vector<E> b = splat(species, isFloat, offset);
            long first = at + run * stride;
            long xAt = x.offset() + first * xUnit;
            long yAt = y.offset() + first * yUnit;
            boolean reading = run < aheadRuns;
            int i = 0;
            for (; i <= n - step; i += step) {
                if (reading) {
                    seen += element(t, x, first + ahead + i);
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
                double v = Elements.xhat(t, element(t, x, first + i), pivot, gain, offset);
                if (elementwise) {
                    double factor = t.hasScale() ? get(t, scale, scaleAt + i) : 1;
                    double term = t.hasShift() ? get(t, shift, shiftAt + i) : -0.0;
                    v = fma(t, v, factor, term);
                }
                put(t, y, first + i, v);
            }
        }
        touched = seen;
    }

    @Override
    <E> void gradientRuns(Tensor dy, Tensor x, Tensor scale, Tensor dx, long at, long stride, int runs, long parameter,
            int n, Coefficients c, int set, int nextSet) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
        int step = species.length();
        long xUnit = unit(t, t.xHeap());
        long gUnit = unit(t, t.gradientHeap());
        long outUnit = unit(t, t.outHeap());
        long scaleAt = t.hasScale() ? scale.offset() + parameter : 0;
        for (int run = 0; run < runs; run++) {
            int k = set + run * nextSet;
            double pivot = c.pivot[k];
            double gradientGain = c.gradientGain[k];
            double projection = c.projection[k];
            double constant = c.constant[k];
            Vector<E> p = splat(species, isFloat, pivot);
            Vector<E> factor = splat(species, isFloat, gradientGain);
            Vector<E> slope = splat(species, isFloat, projection);
            Vector<E> term = splat(species, isFloat, constant);
            long first = at + run * stride;
            long xAt = x.offset() + first * xUnit;
            long gAt = dy.offset() + first * gUnit;
            long outAt = dx.offset() + first * outUnit;
            int i = 0;
            for (; i <= n - step; i += step) {
                Vector<E> d = load(species, t.xHeap(), x, xAt + i * xUnit).sub(p);
                Vector<E> g = load(species, t.gradientHeap(), dy, gAt + i * gUnit);
                if (t.hasScale()) {
                    g = g.mul(load(species, true, scale, scaleAt + i));
                }
                Vector<E> v = fma(g, factor, fma(d, slope, term));
                if (t.outHeap()) {
                    store(v, isFloat, dx, outAt + i);
                } else {
                    v.intoMemorySegment(dx.segment(), outAt + i * outUnit, NATIVE);
                }
            }
            for (; i < n; i++) {
                double d = round(t, element(t, x, first + i) - pivot);
                double g = u(d, dy, scale, first + i, parameter + i);
                put(t, dx, first + i, fma(t, g, gradientGain, fma(t, d, projection, constant)));
            }
        }
    }

    @Override
    void clearColumns(int count) {
        columns = count;
        if (sums == null || sums.spec().elements() < 2L * count) {
            sums = Scratch.allocate(traits().type(), 2L * count);
        }
        Scratch.clear(sums, 0, 2 * count);
    }

    @Override
    void flushColumns(double[] s1, double[] s2, int at) {
        Scratch.widen(sums, 0, columns, s1, at);
        Scratch.widen(sums, columns, columns, s2, at);
    }

    @Override
    <E> void addParameterRows(Tensor x, Tensor dy, long at, long stride, int pairs, Coefficients c, int set) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
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
        Traits t = traits();
        int from = columns - columns % t.species().length();
        for (int row = 0; row < rows; row++) {
            for (int j = from; j < columns; j++) {
                long i = at + row * stride + j;
                double xhat =
                        Elements.xhat(t, element(t, x, i), c.pivot[set + row], c.gain[set + row], c.offset[set + row]);
                addSums(t, sums, j, columns + j, get(t, t.gradientHeap(), dy, i), xhat);
            }
        }
    }

    @Override
    <E> void addParameterRow(Tensor x, Tensor dy, long at, Coefficients c, int set) {
        Traits t = traits();
        VectorSpecies<E> species = species(t);
        boolean isFloat = t.isFloat();
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
}
