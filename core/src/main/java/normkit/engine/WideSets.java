package normkit.engine;

import normkit.activation.Activation;
import normkit.moments.Moments;
import normkit.moments.ShiftedSums;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * The slow path for sets whose sums, squares or factors leave the range of the element's type: the same formulas, element
 * by element in double. Rare, so written for clarity; shared by all backends, so the same everywhere.
 *
 * <p>A set's elements are {@code runs} runs of {@code length} elements, {@code stride} apart: the general form of both a
 * set of runs and a group of columns.
 */
final class WideSets {

    private final ShiftedSums sums = new ShiftedSums();

    /** One set: where it lies. */
    static final class Place {
        long start;
        long runs;
        long stride;
        long length;

        Place at(long newStart, long newRuns, long newStride, long newLength) {
            start = newStart;
            runs = newRuns;
            stride = newStride;
            length = newLength;
            return this;
        }

        long count() {
            return runs * length;
        }
    }

    /**
     * Moments of a set, about its mean or about zero, of the values times 2<sup>−e</sup>, which are about one or, if that
     * is more, about √ε.
     *
     * @return e
     */
    int moments(Place p, Tensor x, boolean centred, double epsilon, Moments out) {
        double largest = 0;
        double sum = 0;
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                double v = x.get(p.start + r * p.stride + i);
                largest = Math.max(largest, Math.abs(v));
                sum += v;
            }
        }
        if (!(largest < Double.POSITIVE_INFINITY)) {
            out.set(p.count(), centred ? sum : 0, 0, Double.NaN);
            return 0;
        }
        double scale = Math.max(largest, Math.sqrt(epsilon));
        int exponent = scale == 0 ? 0 : Math.getExponent(scale);
        scaledMoments(p, x, centred, -exponent, out);
        return exponent;
    }

    /** By two passes, the errors of additions and products kept, so that no digit depends on how many values there are. */
    private void scaledMoments(Place p, Tensor x, boolean centred, int exponent, Moments out) {
        double mean = 0;
        double meanLow = 0;
        if (centred) {
            sums.clear();
            for (long r = 0; r < p.runs; r++) {
                for (long i = 0; i < p.length; i++) {
                    sums.add(Math.scalb(x.get(p.start + r * p.stride + i), exponent), 0);
                }
            }
            sums.toMoments(p.count(), 0, out);
            mean = out.mean();
            meanLow = out.meanLow();
        }
        sums.clear();
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                double d = (Math.scalb(x.get(p.start + r * p.stride + i), exponent) - mean) - meanLow;
                double square = d * d;
                // The product's error goes to the first sum, which is not needed otherwise.
                sums.add(Math.fma(d, d, -square), square);
            }
        }
        out.set(p.count(), mean, meanLow, sums.s2() + sums.s1());
    }

    /**
     * y of a set with constant γ and β, or, where a tensor is given, γ and β per element of a run.
     *
     * @param after what y is the activation of; null for none
     */
    void apply(Place p, Tensor x, SetValues v, int set, Tensor scale, Tensor shift, double constantScale,
            double constantShift, Activation after, Tensor y) {
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                long at = p.start + r * p.stride + i;
                double factor = scale == null ? constantScale : scale.get(i);
                double term = shift == null ? constantShift : shift.get(i);
                double z = Math.fma(xhat(x.get(at), v, set), factor, term);
                y.set(at, after == null ? z : activated(after, z, y.spec().type()));
            }
        }
    }

    /** In the element's type, as everywhere else. */
    private static double activated(Activation f, double z, DataType type) {
        return switch (type) {
            case F32 -> f.value((float) z);
            case F64 -> f.value(z);
        };
    }

    /** dz = dy·f′(z) of a set, z being what {@link #apply} forms before the activation. */
    void outputGradient(Place p, Tensor dy, Tensor x, SetValues v, int set, Tensor scale, Tensor shift,
            double constantScale, double constantShift, Activation f, Tensor dz) {
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                long at = p.start + r * p.stride + i;
                double factor = scale == null ? constantScale : scale.get(i);
                double term = shift == null ? constantShift : shift.get(i);
                double z = Math.fma(xhat(x.get(at), v, set), factor, term);
                dz.set(at, switch (dz.spec().type()) {
                    case F32 -> f.gradient((float) dy.get(at), (float) z);
                    case F64 -> f.gradient(dy.get(at), z);
                });
            }
        }
    }

    /** Σg and Σg·x̂ of a set, g = dy, times γ per element of a run if given, to {@code sums[at]} and {@code [at + 1]}. */
    void gradientSums(Place p, Tensor dy, Tensor x, SetValues v, int set, Tensor scale, double[] sums, int to) {
        double first = 0;
        double second = 0;
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                long at = p.start + r * p.stride + i;
                double g = dy.get(at) * (scale == null ? 1 : scale.get(i));
                first += g;
                second += g * xhat(x.get(at), v, set);
            }
        }
        sums[to] = first;
        sums[to + 1] = second;
    }

    /** dx = g·γ·rstd + x̂·projection + constant of a set, with γ constant or per element of a run, if given. */
    void gradient(Place p, Tensor dy, Tensor x, SetValues v, int set, Tensor scale, double constantScale,
            double projection, double constant, Tensor dx) {
        double gradientGain = v.rstd[set] * constantScale;
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                long at = p.start + r * p.stride + i;
                double g = dy.get(at) * (scale == null ? 1 : scale.get(i));
                double xhat = xhat(x.get(at), v, set);
                dx.set(at, Math.fma(g, gradientGain, Math.fma(xhat, projection, constant)));
            }
        }
    }

    /** x times a factor: the gradient where statistics are constants, of x = dy. */
    void scale(Place p, Tensor x, double factor, Tensor y) {
        for (long r = 0; r < p.runs; r++) {
            for (long i = 0; i < p.length; i++) {
                long at = p.start + r * p.stride + i;
                y.set(at, x.get(at) * factor);
            }
        }
    }

    /** Adds dy and dy·x̂ of a set of one run to the sums of each of its elements. */
    void parameterSums(Place p, Tensor dy, Tensor x, SetValues v, int set, double[] dscale, double[] dshift) {
        for (int i = 0; i < p.length; i++) {
            double g = dy.get(p.start + i);
            dshift[i] += g;
            dscale[i] += g * xhat(x.get(p.start + i), v, set);
        }
    }

    private static double xhat(double x, SetValues v, int set) {
        return ((x - v.mean[set]) - v.meanLow[set]) * v.rstd[set];
    }
}
