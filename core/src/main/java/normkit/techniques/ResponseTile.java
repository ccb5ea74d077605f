package normkit.techniques;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.parts.Powers;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * A part of a tensor that holds every window of a local response norm it has an element of: all channels of some places, or
 * all places of some channels. Walks over the tensor, and holds the memory of one execution.
 *
 * <p>A sample is a matrix, with windows along its columns where neighbours are far apart in memory and along its rows where
 * they are next to each other. A tile is some columns or some rows of it, in the order of memory.
 */
final class ResponseTile {

    /** About as many elements as fit the second cache level a few times. */
    private static final int ELEMENTS = 4096;
    /** Few columns at a time read little of each cache line. */
    private static final int LEAST_COLUMNS = 16;

    private final int below;
    private final int above;
    private final double factor;
    private final double beta;
    private final double k;
    /** The axes windows go over, in memory order, and their product. */
    private final int[] axes;
    private final int window;
    /** How many lists of window elements there are side by side in a sample, and in a tile. */
    private final int others;
    private final int most;
    private final boolean alongColumns;
    private final long samples;
    private final Doubles doubles = new Doubles();
    private final double[] x;
    private final double[] dy;
    private final double[] scale;
    private final double[] sums;
    private final double[] work;

    private long sample;
    private int position;

    /**
     * Makes a tile.
     *
     * @param spec the tensor
     * @param withinChannel whether windows go over places
     * @param below how far a window reaches to lower indices along each axis
     * @param above how far it reaches to higher ones
     * @param factor what the sum of squares is multiplied with
     * @param beta β
     * @param k what is added to it
     */
    ResponseTile(TensorSpec spec, boolean withinChannel, int below, int above, double factor, double beta, double k) {
        this.below = below;
        this.above = above;
        this.factor = factor;
        this.beta = beta;
        this.k = k;
        axes = withinChannel ? spatialAxes(spec) : new int[] {Math.toIntExact(spec.channels())};
        window = Math.toIntExact(withinChannel ? spec.spatial() : spec.channels());
        others = Math.toIntExact(withinChannel ? spec.channels() : spec.spatial());
        alongColumns = alongColumns(spec, withinChannel);
        samples = spec.elements() == 0 ? 0 : spec.batch();
        most = (int) most(spec, withinChannel);
        int elements = window * most;
        x = new double[elements];
        dy = new double[elements];
        scale = new double[elements];
        sums = new double[elements];
        work = new double[elements];
    }

    /** How many lists are in a tile if there are enough. */
    private static long most(TensorSpec spec, boolean withinChannel) {
        long window = Math.max(1, withinChannel ? spec.spatial() : spec.channels());
        long others = withinChannel ? spec.channels() : spec.spatial();
        long least = alongColumns(spec, withinChannel) ? LEAST_COLUMNS : 1;
        return Math.min(others, Math.max(least, ELEMENTS / window));
    }

    private static boolean alongColumns(TensorSpec spec, boolean withinChannel) {
        return withinChannel != (spec.layout() == Layout.CHANNELS_FIRST);
    }

    /** Refuses what the arrays cannot hold. */
    static void requireSize(TensorSpec x, boolean withinChannel) {
        long window = withinChannel ? x.spatial() : x.channels();
        long largest = Math.max(Math.max(x.spatial(), x.channels()), window * most(x, withinChannel));
        if (largest > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("x is " + x + ", whose channels or places are more than an array holds");
        }
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
        position += most;
        if (position >= others) {
            position = 0;
            sample++;
        }
    }

    /** How many lists of window elements the tile has here. */
    private int here() {
        return Math.min(most, others - position);
    }

    private int elements() {
        return window * here();
    }

    void forward(Tensor from, Tensor to) {
        int n = elements();
        read(from, x);
        powers(n);
        multiply(x, scale, x, n);
        write(x, to);
    }

    void backward(Tensor gradient, Tensor from, Tensor to) {
        int n = elements();
        read(from, x);
        read(gradient, dy);
        powers(n);
        for (int i = 0; i < n; i++) {
            work[i] = dy[i] * x[i] * scale[i] / sums[i];
        }
        // An element is in the windows of those it is above of as far as their windows reach up, and vice versa.
        sumWindows(above, below);
        double weight = -2 * factor * beta;
        for (int i = 0; i < n; i++) {
            dy[i] = Math.fma(dy[i], scale[i], weight * x[i] * sums[i]);
        }
        write(dy, to);
    }

    /** Fills {@link #sums} with s = k + a·Σx², and {@link #scale} with s to the power of −β. */
    private void powers(int n) {
        multiply(x, x, work, n);
        sumWindows(below, above);
        for (int i = 0; i < n; i++) {
            sums[i] = Math.fma(sums[i], factor, k);
        }
        System.arraycopy(sums, 0, scale, 0, n);
        Powers.raise(scale, work, n, beta);
        for (int i = 0; i < n; i++) {
            scale[i] = 1 / scale[i];
        }
    }

    private static void multiply(double[] a, double[] b, double[] product, int n) {
        for (int i = 0; i < n; i++) {
            product[i] = a[i] * b[i];
        }
    }

    /** Makes {@link #sums} the sums over the windows of {@link #work}, axis by axis from the last to the first. */
    private void sumWindows(int lower, int upper) {
        int n = elements();
        int step = alongColumns ? here() : 1;
        for (int axis = axes.length - 1; axis >= 0; axis--) {
            if (axis < axes.length - 1) {
                System.arraycopy(sums, 0, work, 0, n);
            }
            Arrays.fill(sums, 0, n, 0);
            int length = axes[axis];
            for (int start = 0; start < n; start += length * step) {
                sumAlong(start, length, step, lower, upper);
            }
            step *= length;
        }
    }

    /** Adds neighbours from the lowest to the highest: each distance for all elements at once, since they are contiguous. */
    private void sumAlong(int start, int length, int step, int lower, int upper) {
        int end = Math.min(upper, length - 1);
        for (int distance = -Math.min(lower, length - 1); distance <= end; distance++) {
            int from = Math.max(0, distance);
            int to = Math.max(0, -distance);
            add(work, start + from * step, sums, start + to * step, (length - from - to) * step);
        }
    }

    private static void add(double[] from, int start, double[] to, int at, int n) {
        for (int i = 0; i < n; i++) {
            to[at + i] += from[start + i];
        }
    }

    private void read(Tensor from, double[] to) {
        int here = here();
        long start = sample * window * others;
        if (alongColumns) {
            for (int row = 0; row < window; row++) {
                doubles.read(from, start + (long) row * others + position, here, to, row * here);
            }
        } else {
            doubles.read(from, start + (long) position * window, here * window, to, 0);
        }
    }

    private void write(double[] from, Tensor to) {
        int here = here();
        long start = sample * window * others;
        if (alongColumns) {
            for (int row = 0; row < window; row++) {
                doubles.write(from, row * here, here, to, start + (long) row * others + position);
            }
        } else {
            doubles.write(from, 0, here * window, to, start + (long) position * window);
        }
    }
}
