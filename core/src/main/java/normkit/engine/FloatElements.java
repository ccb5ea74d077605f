package normkit.engine;

import java.util.Arrays;
import normkit.activation.Activation;
import normkit.bulk.Copies;
import normkit.spi.Coefficients;
import normkit.tensor.Tensor;

/** Element-wise steps in f32. */
final class FloatElements extends Elements {

    private final float[] first = new float[BLOCK];
    private final float[] second = new float[BLOCK];
    private final float[] gamma = new float[BLOCK];
    private final float[] beta = new float[BLOCK];
    private final float[] pivots = new float[BLOCK];

    @Override
    void activate(Activation f, Tensor from, Tensor to, long start, int n) {
        Copies.read(from, start, n, first, 0);
        f.apply(first, n);
        Copies.write(first, 0, n, to, start);
    }

    @Override
    void gradient(Activation f, Tensor dy, Tensor z, Tensor to, long start, int n) {
        Copies.read(dy, start, n, first, 0);
        Copies.read(z, start, n, second, 0);
        f.gradient(first, second, n);
        Copies.write(first, 0, n, to, start);
    }

    @Override
    void add(Tensor a, Tensor b, Tensor to, long start, int n) {
        Copies.read(a, start, n, first, 0);
        Copies.read(b, start, n, second, 0);
        for (int i = 0; i < n; i++) {
            first[i] += second[i];
        }
        Copies.write(first, 0, n, to, start);
    }

    @Override
    void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, double pivot, double gain,
            double offset, Tensor scale, Tensor shift, long at) {
        Copies.read(dy, start, n, first, 0);
        Copies.read(x, start, n, second, 0);
        normalize(second, n, (float) pivot, (float) gain, (float) offset);
        if (scale != null || shift != null) {
            readOr(scale, at, n, gamma, 1);
            readOr(shift, at, n, beta, -0.0f);
            for (int i = 0; i < n; i++) {
                second[i] = Math.fma(second[i], gamma[i], beta[i]);
            }
        }
        f.gradient(first, second, n);
        Copies.write(first, 0, n, to, start);
    }

    private static void normalize(float[] x, int n, float pivot, float gain, float offset) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i] - pivot, gain, offset);
        }
    }

    /** Reads elements, or takes a value for all where there is no tensor. */
    static void readOr(Tensor from, long start, int n, float[] to, float absent) {
        if (from == null) {
            Arrays.fill(to, 0, n, absent);
        } else {
            Copies.read(from, start, n, to, 0);
        }
    }

    @Override
    void outputGradient(Activation f, Tensor dy, Tensor x, Tensor to, long start, int n, Coefficients c, int at,
            boolean[] skipped) {
        Copies.read(dy, start, n, first, 0);
        Copies.read(x, start, n, second, 0);
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
        Copies.write(first, 0, n, to, start);
    }

    private static void narrow(double[] from, int at, int n, float[] to) {
        for (int i = 0; i < n; i++) {
            to[i] = (float) from[at + i];
        }
    }
}
