package normkit.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import normkit.activation.Activation;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** Element-wise steps in f32. */
final class FloatElements extends Elements {

    private static final ValueLayout.OfFloat LAYOUT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final float[] first = new float[BLOCK];
    private final float[] second = new float[BLOCK];
    private final float[] gamma = new float[BLOCK];
    private final float[] beta = new float[BLOCK];
    private final float[] pivots = new float[BLOCK];

    private static void load(Tensor from, long start, int n, float[] to) {
        if (from.floats() != null) {
            System.arraycopy(from.floats(), (int) (from.offset() + start), to, 0, n);
        } else {
            MemorySegment.copy(from.segment(), LAYOUT, from.offset() + start * Float.BYTES, to, 0, n);
        }
    }

    private static void store(float[] from, Tensor to, long start, int n) {
        if (to.floats() != null) {
            System.arraycopy(from, 0, to.floats(), (int) (to.offset() + start), n);
        } else {
            MemorySegment.copy(from, 0, to.segment(), LAYOUT, to.offset() + start * Float.BYTES, n);
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
        normalize(second, n, (float) pivot, (float) gain, (float) offset);
        if (scale != null || shift != null) {
            loadOr(scale, at, n, gamma, 1);
            loadOr(shift, at, n, beta, -0.0f);
            for (int i = 0; i < n; i++) {
                second[i] = Math.fma(second[i], gamma[i], beta[i]);
            }
        }
        f.gradient(first, second, n);
        store(first, to, start, n);
    }

    private static void normalize(float[] x, int n, float pivot, float gain, float offset) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i] - pivot, gain, offset);
        }
    }

    private static void loadOr(Tensor from, long start, int n, float[] to, float absent) {
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
                first[i] = (float) dy.get(start + i);
            }
        }
        store(first, to, start, n);
    }

    private static void narrow(double[] from, int at, int n, float[] to) {
        for (int i = 0; i < n; i++) {
            to[i] = (float) from[at + i];
        }
    }
}
