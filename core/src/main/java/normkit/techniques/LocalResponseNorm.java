package normkit.techniques;

import java.util.Arrays;
import java.util.Objects;
import normkit.parts.Doubles;
import normkit.parts.Numbers;
import normkit.parts.Powers;
import normkit.parts.Scratch;
import normkit.tensor.Arguments;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Local response normalization: every element is divided by a power of the sum of squares in a window around it,
 * <pre>
 * y = x / (k + a·Σx²)^β
 * </pre>
 * where the window goes over neighbouring channels at the same place or over neighbouring places of the same channel,
 * and what is outside the tensor counts as 0. For running AlexNet, GoogLeNet and other networks of before batch norm.
 * Immutable and thread-safe.
 *
 * <p>Conventions differ and are explicit. {@link Alpha} tells what a is; {@link Even} tells where a window of even
 * size, which has no middle, lies. Defaults are PyTorch's {@code nn.LocalResponseNorm}: α = 1e-4, β = 0.75, k = 1, a
 * = α/size. AlexNet has size 5, α = 1e-4, β = 0.75, k = 2 and a = α.
 *
 * <p>Gradient: dx = dy·s<sup>−β</sup> − 2aβ·x·Σ(dy·x·s<sup>−β−1</sup>) with s = k + a·Σx² and the sum over the
 * elements in whose window x is.
 *
 * <p>Everything is computed in double and rounded once, window sums in the order of the channels (or, for each
 * spatial axis in turn from the last to the first, of the places). s<sup>−β</sup> is 1/s, 1/√s or 1/(√s·√√s) for β =
 * 1, 0.5 and 0.75, e<sup>−β·ln s</sup> by {@link StrictMath} for others, which is slow. So results are the same bits
 * on every machine.
 *
 * <p>Source: A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep Convolutional Neural
 * Networks", 2012; ONNX {@code LRN}, PyTorch, Caffe, TensorFlow and oneDNN for the conventions.
 */
public final class LocalResponseNorm {

    /** What α is multiplied by to become the factor a of the sum of squares. */
    public enum Alpha {
        /** 1 divided by the number of elements of a full window: PyTorch, ONNX, Caffe, oneDNN. */
        MEAN,
        /** 1: the paper, TensorFlow. */
        SUM
    }

    /** Where a window of even size lies. */
    public enum Even {
        /** One more above: [c − size/2 + 1, c + size/2]. ONNX. */
        ABOVE,
        /** One more below: [c − size/2, c + size/2 − 1]. PyTorch. */
        BELOW,
        /** One less, [c − size/2 + 1, c + size/2 − 1], though α is divided by the full size. oneDNN, Caffe. */
        NARROW
    }

    private final boolean withinChannel;
    private final int size;
    private final double alpha;
    private final Alpha alphaOf;
    private final double beta;
    private final double k;
    private final Even even;

    private LocalResponseNorm(boolean withinChannel, int size, double alpha, Alpha alphaOf, double beta, double k,
            Even even) {
        this.withinChannel = withinChannel;
        this.size = size;
        this.alpha = alpha;
        this.alphaOf = alphaOf;
        this.beta = beta;
        this.k = k;
        this.even = even;
    }

    /**
     * Describes local response norm over neighbouring channels.
     *
     * @param size channels in a window, at least 1
     * @return the description, with PyTorch's conventions
     * @throws IllegalArgumentException if the size is less than 1
     */
    public static LocalResponseNorm acrossChannels(int size) {
        return of(false, size);
    }

    /**
     * Describes local response norm over neighbouring places: size × … × size over all spatial axes.
     *
     * @param size places in a window along each spatial axis, at least 1
     * @return the description, with PyTorch's conventions
     * @throws IllegalArgumentException if the size is less than 1
     */
    public static LocalResponseNorm withinChannel(int size) {
        return of(true, size);
    }

    private static LocalResponseNorm of(boolean withinChannel, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size is " + size + "; it must be at least 1");
        }
        return new LocalResponseNorm(withinChannel, size, 1e-4, Alpha.MEAN, 0.75, 1, Even.BELOW);
    }

    /**
     * Sets α.
     *
     * @param newAlpha finite and at least 0; the default is 1e-4
     * @param of what it is a factor of
     * @return a changed description
     * @throws IllegalArgumentException if α is out of range
     */
    public LocalResponseNorm alpha(double newAlpha, Alpha of) {
        Numbers.notNegative("alpha", newAlpha);
        return new LocalResponseNorm(withinChannel, size, newAlpha, Objects.requireNonNull(of, "of"), beta, k, even);
    }

    /**
     * Sets β.
     *
     * @param newBeta finite and at least 0; the default is 0.75
     * @return a changed description
     * @throws IllegalArgumentException if β is out of range
     */
    public LocalResponseNorm beta(double newBeta) {
        Numbers.notNegative("beta", newBeta);
        return new LocalResponseNorm(withinChannel, size, alpha, alphaOf, newBeta, k, even);
    }

    /**
     * Sets k.
     *
     * @param newK finite and positive, so that nothing is divided by 0; the default is 1
     * @return a changed description
     * @throws IllegalArgumentException if k is out of range
     */
    public LocalResponseNorm k(double newK) {
        if (!(newK > 0 && newK < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("k is " + newK + "; it must be finite and positive");
        }
        return new LocalResponseNorm(withinChannel, size, alpha, alphaOf, beta, newK, even);
    }

    /**
     * Sets where windows of even size lie.
     *
     * @param convention the default is below
     * @return a changed description
     */
    public LocalResponseNorm even(Even convention) {
        return new LocalResponseNorm(withinChannel, size, alpha, alphaOf, beta, k,
                Objects.requireNonNull(convention, "convention"));
    }

    /**
     * Plans both directions.
     *
     * @param x spec of the input: channels-first or channels-last, with spatial axes if windows are within the channel
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if x has no channel axis, no spatial axis though it needs one, or channels too
     *         large to keep in an array
     */
    public Plan plan(TensorSpec x) {
        return new Plan(this, Objects.requireNonNull(x, "x"));
    }

    private int below() {
        return size % 2 == 0 && even == Even.BELOW ? size / 2 : (size - 1) / 2;
    }

    private int above() {
        return size % 2 == 0 && even == Even.ABOVE ? size / 2 : (size - 1) / 2;
    }

    private double factor(int axes) {
        return alphaOf == Alpha.SUM ? alpha : alpha / StrictMath.pow(size, axes);
    }

    /** A local response norm planned for one tensor spec. Thread-safe; allocates nothing per execution. */
    public static final class Plan implements AutoCloseable {

        private final TensorSpec spec;
        private final Scratch<Tile> pool;

        private Plan(LocalResponseNorm norm, TensorSpec x) {
            if (x.layout() == Layout.ROWS) {
                throw new IllegalArgumentException(
                        "x is " + x + "; it must be channels-first or channels-last, because windows need channels");
            }
            if (norm.withinChannel && x.rank() < 3) {
                throw new IllegalArgumentException(
                        "x is " + x + "; it must have a spatial axis, because windows are within the channel");
            }
            this.spec = x;
            Tile.requireSize(norm, x);
            this.pool = new Scratch<>(() -> new Tile(norm, x));
        }

        /**
         * Normalizes.
         *
         * @param x input of the planned spec
         * @param y output of x's spec; may be exactly x
         * @throws IllegalArgumentException if an argument has the wrong spec or they overlap otherwise
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void forward(Tensor x, Tensor y) {
            Arguments.require("x", x, spec);
            Arguments.require("y", y, spec);
            Arguments.output("y", y);
            Arguments.apartOrSame("y", y, "x", x);
            Tile tile = pool.take();
            for (tile.first(); tile.more(); tile.next()) {
                tile.forward(x, y);
            }
            pool.giveBack(tile);
        }

        /**
         * Computes the gradient.
         *
         * @param dy gradient of y
         * @param x input of the forward pass
         * @param dx receives the gradient of x; may be exactly x or dy
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed
         */
        public void backward(Tensor dy, Tensor x, Tensor dx) {
            Arguments.require("dy", dy, spec);
            Arguments.require("x", x, spec);
            Arguments.require("dx", dx, spec);
            Arguments.output("dx", dx);
            Arguments.apartOrSame("dx", dx, "dy", dy);
            Arguments.apartOrSame("dx", dx, "x", x);
            Tile tile = pool.take();
            for (tile.first(); tile.more(); tile.next()) {
                tile.backward(dy, x, dx);
            }
            pool.giveBack(tile);
        }

        /** Ends the plan's life; executing it afterwards throws. */
        @Override
        public void close() {
            pool.close();
        }
    }

    /**
     * A part of the tensor that holds every window it has an element of: all channels of some places, or all places
     * of a channel. Walks over the tensor, and holds the memory of one execution.
     */
    private static final class Tile {

        /** About as many elements as fit the first cache level three times. */
        private static final int ELEMENTS = 1024;
        /** Few places at a time read little of each cache line. */
        private static final int LEAST_PLACES = 16;

        private final int below;
        private final int above;
        private final double factor;
        private final double beta;
        private final double k;
        /** The axes windows go over, in memory order. */
        private final int[] axes;
        private final long samples;
        private final int channels;
        private final int spatial;
        private final boolean channelsFirst;
        private final boolean withinChannel;
        private final int places;
        private final Doubles doubles = new Doubles();
        private final double[] x;
        private final double[] dy;
        private final double[] scale;
        private final double[] sums;
        private final double[] work;
        private final double[] line;

        private long sample;
        private int position;

        Tile(LocalResponseNorm norm, TensorSpec spec) {
            withinChannel = norm.withinChannel;
            channelsFirst = spec.layout() == Layout.CHANNELS_FIRST;
            below = norm.below();
            above = norm.above();
            beta = norm.beta;
            k = norm.k;
            samples = spec.elements() == 0 ? 0 : spec.batch();
            channels = Math.toIntExact(spec.channels());
            spatial = Math.toIntExact(spec.spatial());
            places = places(norm, spec);
            axes = norm.withinChannel ? spatialAxes(spec) : new int[] {channels};
            factor = norm.factor(axes.length);
            int elements = withinChannel ? spatial : channels * places;
            x = new double[elements];
            dy = new double[elements];
            scale = new double[elements];
            sums = new double[elements];
            work = new double[elements];
            line = new double[withinChannel ? 1 : channels];
        }

        /** Refuses what the arrays cannot hold. */
        static void requireSize(LocalResponseNorm norm, TensorSpec x) {
            long needed = norm.withinChannel ? x.spatial() : x.channels() * LEAST_PLACES;
            if (Math.max(needed, x.spatial()) > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException(
                        "x is " + x + ", whose channels or places are more than an array holds");
            }
        }

        private static int places(LocalResponseNorm norm, TensorSpec spec) {
            long fit = Math.max(LEAST_PLACES, ELEMENTS / Math.max(1, spec.channels()));
            return norm.withinChannel ? 1 : (int) Math.min(fit, spec.spatial());
        }

        private static int[] spatialAxes(TensorSpec spec) {
            int first = spec.layout() == Layout.CHANNELS_FIRST ? 2 : 1;
            int[] axes = new int[spec.rank() - 2];
            Arrays.setAll(axes, i -> (int) spec.axis(first + i));
            return axes;
        }

        void first() {
            sample = 0;
            position = 0;
        }

        boolean more() {
            return sample < samples;
        }

        void next() {
            position += withinChannel ? 1 : places;
            if (position >= (withinChannel ? channels : spatial)) {
                position = 0;
                sample++;
            }
        }

        /** How many places the tile has here. */
        private int here() {
            return withinChannel ? 1 : Math.min(places, spatial - position);
        }

        private int elements() {
            return withinChannel ? spatial : channels * here();
        }

        void forward(Tensor from, Tensor to) {
            int n = elements();
            read(from, x);
            square(x, sums, n);
            sumWindows(below, above);
            powers(n);
            for (int i = 0; i < n; i++) {
                x[i] *= scale[i];
            }
            write(x, to);
        }

        void backward(Tensor gradient, Tensor from, Tensor to) {
            int n = elements();
            read(from, x);
            read(gradient, dy);
            square(x, sums, n);
            sumWindows(below, above);
            powers(n);
            for (int i = 0; i < n; i++) {
                sums[i] = dy[i] * x[i] * scale[i] / Math.fma(sums[i], factor, k);
            }
            // An element is in the windows of those it is above of as far as their windows reach up, and vice versa.
            sumWindows(above, below);
            double weight = -2 * factor * beta;
            for (int i = 0; i < n; i++) {
                dy[i] = Math.fma(dy[i], scale[i], weight * x[i] * sums[i]);
            }
            write(dy, to);
        }

        private static void square(double[] from, double[] to, int n) {
            for (int i = 0; i < n; i++) {
                to[i] = from[i] * from[i];
            }
        }

        /** Replaces all of {@link #sums} by the sums over their windows, axis by axis from the last to the first. */
        private void sumWindows(int lower, int upper) {
            int n = elements();
            int step = here();
            for (int axis = axes.length - 1; axis >= 0; axis--) {
                System.arraycopy(sums, 0, work, 0, n);
                Arrays.fill(sums, 0, n, 0);
                int length = axes[axis] * step;
                for (int start = 0; start < n; start += length) {
                    sumAlong(start, axes[axis], step, lower, upper);
                }
                step = length;
            }
        }

        private void sumAlong(int start, int length, int step, int lower, int upper) {
            for (int at = 0; at < length; at++) {
                int end = (int) Math.min(length - 1, (long) at + upper);
                for (int other = Math.max(0, at - lower); other <= end; other++) {
                    add(work, start + other * step, sums, start + at * step, step);
                }
            }
        }

        private static void add(double[] from, int start, double[] to, int at, int n) {
            for (int i = 0; i < n; i++) {
                to[at + i] += from[start + i];
            }
        }

        /** Fills {@link #scale} with (k + a·sum) to the power of −β. */
        private void powers(int n) {
            if (beta == 0.75) {
                for (int i = 0; i < n; i++) {
                    double root = Math.sqrt(Math.fma(sums[i], factor, k));
                    scale[i] = 1 / (root * Math.sqrt(root));
                }
            } else if (beta == 0.5) {
                for (int i = 0; i < n; i++) {
                    scale[i] = 1 / Math.sqrt(Math.fma(sums[i], factor, k));
                }
            } else if (beta == 1) {
                for (int i = 0; i < n; i++) {
                    scale[i] = 1 / Math.fma(sums[i], factor, k);
                }
            } else {
                for (int i = 0; i < n; i++) {
                    scale[i] = Powers.of(Math.fma(sums[i], factor, k), -beta);
                }
            }
        }

        private void read(Tensor from, double[] to) {
            long start = sample * channels * spatial;
            if (withinChannel && channelsFirst) {
                doubles.read(from, start + (long) position * spatial, spatial, to, 0);
            } else if (withinChannel) {
                for (int i = 0; i < spatial; i++) {
                    to[i] = from.get(start + (long) i * channels + position);
                }
            } else if (channelsFirst) {
                for (int c = 0; c < channels; c++) {
                    doubles.read(from, start + (long) c * spatial + position, here(), to, c * here());
                }
            } else {
                for (int i = 0; i < here(); i++) {
                    doubles.read(from, start + (long) (position + i) * channels, channels, line, 0);
                    for (int c = 0; c < channels; c++) {
                        to[c * here() + i] = line[c];
                    }
                }
            }
        }

        private void write(double[] from, Tensor to) {
            long start = sample * channels * spatial;
            if (withinChannel && channelsFirst) {
                doubles.write(from, 0, spatial, to, start + (long) position * spatial);
            } else if (withinChannel) {
                for (int i = 0; i < spatial; i++) {
                    to.set(start + (long) i * channels + position, from[i]);
                }
            } else if (channelsFirst) {
                for (int c = 0; c < channels; c++) {
                    doubles.write(from, c * here(), here(), to, start + (long) c * spatial + position);
                }
            } else {
                for (int i = 0; i < here(); i++) {
                    for (int c = 0; c < channels; c++) {
                        line[c] = from[c * here() + i];
                    }
                    doubles.write(line, 0, channels, to, start + (long) (position + i) * channels);
                }
            }
        }
    }
}
