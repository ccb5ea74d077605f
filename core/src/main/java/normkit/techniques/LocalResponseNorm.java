package normkit.techniques;

import java.util.Objects;
import normkit.parts.Numbers;
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
 * spatial axis in turn from the last to the first, of the places). s<sup>β</sup> is formed of
 * square roots and products where β is a multiple of 1/4 up to 16, as e<sup>β·ln s</sup> by {@link StrictMath} for
 * others, which is slow. So results are the same bits
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

    private ResponseTile tile(TensorSpec x) {
        int axes = withinChannel ? x.rank() - 2 : 1;
        double factor = alphaOf == Alpha.SUM ? alpha : alpha / StrictMath.pow(size, axes);
        return new ResponseTile(x, withinChannel, below(), above(), factor, beta, k);
    }

    /**
     * A local response norm planned for one tensor spec. Thread-safe; an execution runs on the calling thread alone and
     * allocates nothing.
     */
    public static final class Plan implements AutoCloseable {

        private final TensorSpec spec;
        private final Scratch<ResponseTile> pool;

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
            ResponseTile.requireSize(x, norm.withinChannel);
            this.pool = new Scratch<>(() -> norm.tile(x));
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
            ResponseTile tile = pool.take();
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
            ResponseTile tile = pool.take();
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
}
