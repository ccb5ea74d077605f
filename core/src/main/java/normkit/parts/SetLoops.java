package normkit.parts;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Norms of the sets of a tensor, and what follows from them, element by element in double, in the order {@link Slices} defines.
 * Holds the scratch memory of one thread.
 */
public final class SetLoops {

    private static final int BLOCK = Doubles.BLOCK;

    /** Between these a sum of squares of doubles has neither lost digits to underflow nor overflowed. */
    private static final double LEAST = 0x1p-900;
    private static final double MOST = 0x1p+1000;

    private final Slices slices;
    private final long elements;
    private final Doubles doubles = new Doubles();
    private final double[] x = new double[BLOCK];
    private final double[] y = new double[BLOCK];
    private final double[] first = new double[BLOCK];
    private final double[] second = new double[BLOCK];
    private final double[] third = new double[BLOCK];
    private final double[] scale;

    /**
     * Makes loops for tensors of a spec.
     *
     * @param spec the tensors
     * @param slices their sets
     */
    public SetLoops(TensorSpec spec, Slices slices) {
        this.slices = slices;
        this.elements = spec.elements();
        this.scale = new double[slices.count()];
    }

    private int block(long start) {
        return (int) Math.min(BLOCK, elements - start);
    }

    /**
     * Computes the norm (Σ|x|<sup>p</sup>)<sup>1/p</sup> of every set; ∞ is the largest |x|.
     *
     * @param p at least 1
     * @param data the tensor
     * @param norms receives one value per set
     */
    public void norms(double p, Tensor data, double[] norms) {
        if (p == 1) {
            sums(1, data, null, norms);
        } else if (p == Double.POSITIVE_INFINITY) {
            largest(data, norms);
        } else if (p == 2 && plainSquares(data, norms)) {
            roots(p, norms);
        } else {
            largest(data, scale);
            for (int s = 0; s < scale.length; s++) {
                boolean usable = scale[s] > 0 && scale[s] < Double.POSITIVE_INFINITY;
                scale[s] = usable ? Math.scalb(1.0, -Math.max(-1000, Math.getExponent(scale[s]))) : 1;
            }
            sums(p, data, scale, norms);
            roots(p, norms);
            for (int s = 0; s < scale.length; s++) {
                norms[s] /= scale[s];
            }
        }
    }

    /** Sums squares as they are; false if that may have left the range of double. */
    private boolean plainSquares(Tensor data, double[] sums) {
        sums(2, data, null, sums);
        if (data.spec().type() == DataType.F32) {
            return true;
        }
        for (double sum : sums) {
            if (!(sum >= LEAST && sum <= MOST)) {
                return false;
            }
        }
        return true;
    }

    private static void roots(double p, double[] sums) {
        for (int s = 0; s < sums.length; s++) {
            sums[s] = p == 2 ? Math.sqrt(sums[s]) : Powers.of(sums[s], 1 / p);
        }
    }

    private void sums(double p, Tensor data, double[] factors, double[] sums) {
        Arrays.fill(sums, 0);
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(data, start, n, x, 0);
            if (factors != null) {
                slices.expand(start, n, factors, first);
                multiply(x, first, n);
            }
            powers(p, n);
            slices.add(start, n, x, sums);
        }
    }

    private static void multiply(double[] values, double[] factors, int n) {
        for (int i = 0; i < n; i++) {
            values[i] *= factors[i];
        }
    }

    /** Replaces x by |x|<sup>p</sup>. */
    private void powers(double p, int n) {
        if (p == 2) {
            multiply(x, x, n);
            return;
        }
        absolutes(x, x, n);
        if (p != 1) {
            Powers.raise(x, second, n, p);
        }
    }

    private static void absolutes(double[] values, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = Math.abs(values[i]);
        }
    }

    private void largest(Tensor data, double[] norms) {
        Arrays.fill(norms, 0);
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(data, start, n, x, 0);
            absolutes(x, x, n);
            slices.max(start, n, x, norms);
        }
    }

    /**
     * Computes Σ a·(b·factor) of every set.
     *
     * @param a a tensor
     * @param b a tensor of the same spec
     * @param factors one per set
     * @param dots receives one value per set
     */
    public void dots(Tensor a, Tensor b, double[] factors, double[] dots) {
        Arrays.fill(dots, 0);
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(a, start, n, x, 0);
            doubles.read(b, start, n, y, 0);
            slices.expand(start, n, factors, first);
            multiply(y, first, n);
            multiply(x, y, n);
            slices.add(start, n, x, dots);
        }
    }

    /**
     * Multiplies: out = a·factor.
     *
     * @param a a tensor
     * @param factors one per set
     * @param out receives the product, rounded once; may be {@code a}
     */
    public void scale(Tensor a, double[] factors, Tensor out) {
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(a, start, n, x, 0);
            slices.expand(start, n, factors, first);
            multiply(x, first, n);
            doubles.write(x, 0, n, out, start);
        }
    }

    /**
     * Combines: out = a·aFactor + (b·bFactor)·bWeight, in double.
     *
     * @param a a tensor
     * @param aFactors one per set
     * @param b a tensor of the same spec
     * @param bFactors one per set
     * @param bWeights one per set
     * @param out receives the result, rounded once; may be {@code a} or {@code b}
     */
    public void combine(Tensor a, double[] aFactors, Tensor b, double[] bFactors, double[] bWeights, Tensor out) {
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(a, start, n, x, 0);
            doubles.read(b, start, n, y, 0);
            slices.expand(start, n, aFactors, first);
            slices.expand(start, n, bFactors, second);
            slices.expand(start, n, bWeights, third);
            combine(x, first, y, second, third, n);
            doubles.write(x, 0, n, out, start);
        }
    }

    private static void combine(double[] a, double[] aFactors, double[] b, double[] bFactors, double[] bWeights,
            int n) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.fma(a[i], aFactors[i], b[i] * bFactors[i] * bWeights[i]);
        }
    }

    /**
     * Computes the gradient of Lp normalization: out = dy·inverse + s·weight, with s the gradient of the norm.
     *
     * @param p at least 1
     * @param dy gradient of the output
     * @param data input
     * @param inverses one per set: 1 divided by the norm
     * @param weights one per set
     * @param norms one per set
     * @param out receives the result, rounded once; may be {@code dy} or {@code data}
     */
    public void lpGradient(double p, Tensor dy, Tensor data, double[] inverses, double[] weights, double[] norms,
            Tensor out) {
        if (p == 2) {
            combine(dy, inverses, data, inverses, weights, out);
            return;
        }
        if (p == Double.POSITIVE_INFINITY) {
            share(data, norms, weights);
        }
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(dy, start, n, x, 0);
            doubles.read(data, start, n, y, 0);
            if (p == Double.POSITIVE_INFINITY) {
                slices.expand(start, n, norms, first);
                slopesOfLargest(n);
            } else {
                slices.expand(start, n, inverses, first);
                slopes(p, n);
            }
            slices.expand(start, n, inverses, first);
            slices.expand(start, n, weights, third);
            for (int i = 0; i < n; i++) {
                x[i] = Math.fma(x[i], first[i], y[i] * third[i]);
            }
            doubles.write(x, 0, n, out, start);
        }
    }

    /** Divides the weight of each set by the number of its elements that are as large as its norm. */
    private void share(Tensor data, double[] norms, double[] weights) {
        Arrays.fill(scale, 0);
        for (long start = 0; start < elements; start += BLOCK) {
            int n = block(start);
            doubles.read(data, start, n, x, 0);
            slices.expand(start, n, norms, first);
            for (int i = 0; i < n; i++) {
                x[i] = Math.abs(x[i]) == first[i] ? 1 : 0;
            }
            slices.add(start, n, x, scale);
        }
        for (int s = 0; s < scale.length; s++) {
            weights[s] /= scale[s];
        }
    }

    /** Replaces y by sign(y)·(|y|·inverse)<sup>p−1</sup>, inverses being the first. */
    private void slopes(double p, int n) {
        absolutes(y, second, n);
        multiply(second, first, n);
        Powers.raise(second, third, n, p - 1);
        for (int i = 0; i < n; i++) {
            y[i] = Math.signum(y[i]) * second[i];
        }
    }

    /** Replaces y by its sign where |y| is the norm, by 0 elsewhere, norms being the first. */
    private void slopesOfLargest(int n) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.signum(y[i]) * (Math.abs(y[i]) == first[i] ? 1 : 0);
        }
    }
}
