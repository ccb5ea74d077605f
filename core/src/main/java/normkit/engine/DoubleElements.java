package normkit.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import normkit.activation.Activation;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** Element-wise steps in f64. */
final class DoubleElements extends Elements {

    private static final ValueLayout.OfDouble LAYOUT = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private final double[] first = new double[BLOCK];
    private final double[] second = new double[BLOCK];
    private final double[] gamma = new double[BLOCK];
    private final double[] beta = new double[BLOCK];
    private final double[] pivots = new double[BLOCK];

    private static void load(Tensor from, long start, int n, double[] to) {
        if (from.doubles() != null) {
            System.arraycopy(from.doubles(), (int) (from.offset() + start), to, 0, n);
        } else {
            MemorySegment.copy(from.segment(), LAYOUT, from.offset() + start * Double.BYTES, to, 0, n);
        }
    }

    private static void store(double[] from, Tensor to, long start, int n) {
        if (to.doubles() != null) {
            System.arraycopy(from, 0, to.doubles(), (int) (to.offset() + start), n);
        } else {
            MemorySegment.copy(from, 0, to.segment(), LAYOUT, to.offset() + start * Double.BYTES, n);
        }
    }

    @Override
    void activate(Activation f, Tensor from, Tensor to, long start, int n) {
        load(from, start, n, first);
        f.apply(first, n);
        store(first, to, start, n);
    }

    @Override
    void gradient(Activation f, Tensor dy, Tensor z, Tensor to, long start, int n) {
        load(dy, start, n, first);
        load(z, start, n, second);
        f.gradient(first, second, n);
        store(first, to, start, n);
    }

    @Override
    void add(Tensor a, Tensor b, Tensor to, long start, int n) {
        load(a, start, n, first);
        load(b, start, n, second);
        for (int i = 0; i < n; i++) {
            first[i] += second[i];
        }
        store(first, to, start, n);
    }

    @Override
    void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, double pivot, double gain,
            double offset, Tensor scale, Tensor shift, long at) {
        load(dy, start, n, first);
        load(x, start, n, second);
        normalize(second, n, pivot, gain, offset);
        if (scale != null || shift != null) {
            loadOr(scale, at, n, gamma, 1);
            loadOr(shift, at, n, beta, -0.0);
            for (int i = 0; i < n; i++) {
                second[i] = Math.fma(second[i], gamma[i], beta[i]);
            }
        }
        f.gradient(first, second, n);
        store(first, to, start, n);
    }

    private static void normalize(double[] x, int n, double pivot, double gain, double offset) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i] - pivot, gain, offset);
        }
    }

    private static void loadOr(Tensor from, long start, int n, double[] to, double absent) {
        if (from == null) {
            Arrays.fill(to, 0, n, absent);
        } else {
            load(from, start, n, to);
        }
    }

    @Override
    void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, Coefficients c, int at,
            boolean[] skipped) {
        load(dy, start, n, first);
        load(x, start, n, second);
        narrow(c.pivot, at, n, pivots);
        narrow(c.gain, at, n, gamma);
        narrow(c.offset, at, n, beta);
        for (int i = 0; i < n; i++) {
            second[i] = Math.fma(second[i] - pivots[i], gamma[i], beta[i]);
        }
        f.gradient(first, second, n);
        for (int i = 0; skipped != null && i < n; i++) {
            if (skipped[at + i]) {
                first[i] = dy.get(start + i);
            }
        }
        store(first, to, start, n);
    }

    private static void narrow(double[] from, int at, int n, double[] to) {
        for (int i = 0; i < n; i++) {
            to[i] = from[at + i];
        }
    }
}
