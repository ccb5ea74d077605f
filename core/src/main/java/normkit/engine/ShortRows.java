package normkit.engine;

import java.util.Arrays;
import normkit.bulk.Copies;
import normkit.bulk.Doubles;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Layer and RMS norm over rows of at most {@value #LONGEST} floats, which kernels would spend more time on getting to than
 * on computing. A tile of rows is turned on its side, so that every step is a plain loop over rows, which C2 makes vectors
 * of. The arithmetic is that of docs/numerics.md, where a row this short has one element per lane. A tile with a row that
 * has to be summed again or computed in double is left to the general way, which is asked for whole tiles.
 */
final class ShortRows implements Member {

    /** Longest row: what is left of a block when its lanes are widened to double, one element each. */
    static final int LONGEST = Lanes.NARROW_LANES;

    /** Rows in a tile: whole blocks of the sums for dγ and dβ, few enough for the first cache level. */
    private static final int TILE = 16 * Lanes.ROW_DEPTH;

    private final Problem problem;
    private final Runs rows;
    private final int n;
    private final boolean centred;
    private final Member general;
    private final SetSums sums;
    private final SetValues values;
    private final Coefficients c = new Coefficients(TILE);

    /** A tile as it lies in memory, and on its side: element j of row r at j · TILE + r. */
    private final float[] staged;
    private final float[] x;
    private final float[] g;
    private final float[] xhat;
    private final float[] scale;
    private final float[] shift;
    private final double[] first;
    private final double[] second;
    private final float[] pivot = new float[TILE];
    private final float[] gain = new float[TILE];
    private final float[] offset = new float[TILE];
    private final float[] gradientGain = new float[TILE];
    private final float[] projection = new float[TILE];
    private final float[] constant = new float[TILE];

    ShortRows(Problem problem, Form.OfRuns form, Member general) {
        this.problem = problem;
        this.rows = form.statistics();
        this.n = (int) rows.length();
        this.centred = problem.operation().centred();
        this.general = general;
        this.values = new SetValues(problem, TILE, new Doubles());
        this.sums = new SetSums(problem, n, TILE, values);
        this.staged = new float[TILE * n];
        this.x = new float[TILE * n];
        this.g = new float[problem.pass().backward() ? TILE * n : 0];
        this.xhat = new float[TILE * n];
        this.scale = new float[n];
        this.shift = new float[n];
        this.first = new double[TILE * n];
        this.second = new double[TILE * n];
    }

    /** Whether a problem is one of such rows, with γ and β per element or none. */
    static boolean suit(Problem problem, Form.OfRuns form) {
        boolean rowwise = form.share() == 1 && form.statistics().runs() == 1
                && (form.elementwise() || !problem.hasScale() && !problem.hasShift());
        // Statistics that are given are to be read, not computed.
        boolean own = problem.pass() == Pass.FORWARD || problem.pass() == Pass.BACKWARD;
        return problem.type() == DataType.F32 && !problem.fusion().any() && own && rowwise
                && form.statistics().length() <= LONGEST;
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor y,
            Extras extras, long from, long to) {
        FloatElements.readOr(scaleTensor, 0, n, scale, 1);
        FloatElements.readOr(shiftTensor, 0, n, shift, -0.0f);
        for (long tile = from; tile < to; tile += TILE) {
            int count = (int) Math.min(TILE, to - tile);
            load(xTensor, tile, count, x);
            pivots(count);
            sums(count);
            if (!settle(count, tile, statistics)) {
                general.forward(xTensor, scaleTensor, shiftTensor, statistics, y, extras, tile, tile + count);
            } else if (y != null) {
                narrow(count);
                xhat(count);
                affine(count);
                store(xhat, count, y, tile);
            }
        }
    }

    private void load(Tensor tensor, long tile, int count, float[] to) {
        Copies.read(tensor, tile * n, count * n, staged, 0);
        for (int j = 0; j < n; j++) {
            turn(staged, j, n, to, j * TILE, 1, count);
        }
    }

    private void store(float[] from, int count, Tensor tensor, long tile) {
        for (int j = 0; j < n; j++) {
            turn(from, j * TILE, 1, staged, j, n, count);
        }
        Copies.write(staged, 0, count * n, tensor, tile * n);
    }

    private static void turn(float[] from, int start, int step, float[] to, int toStart, int toStep, int count) {
        for (int r = 0; r < count; r++) {
            to[toStart + r * toStep] = from[start + r * step];
        }
    }

    private void pivots(int count) {
        if (!centred) {
            Arrays.fill(pivot, 0);
            return;
        }
        int a = (int) (rows.sample(0, 0)) * TILE;
        int b = (int) (rows.sample(0, 1)) * TILE;
        int d = (int) (rows.sample(0, 2)) * TILE;
        int e = (int) (rows.sample(0, 3)) * TILE;
        for (int r = 0; r < count; r++) {
            pivot[r] = ((x[a + r] + x[b + r]) + (x[d + r] + x[e + r])) / 4;
        }
    }

    private void sums(int count) {
        for (int j = 0; j < n; j++) {
            int at = j * TILE;
            for (int r = 0; r < count; r++) {
                float u = x[at + r] - pivot[r];
                first[at + r] = 0f + u;
                second[at + r] = u * u;
            }
        }
        fold(first, count);
        fold(second, count);
    }

    /** The tree of {@link Lanes#fold}, without the lanes that are 0. */
    private void fold(double[] lanes, int count) {
        int width = n;
        for (int half = LONGEST / 2; half >= 1; half /= 2) {
            for (int j = 0; j + half < width; j++) {
                add(lanes, (j + half) * TILE, j * TILE, count);
            }
            width = Math.min(width, half);
        }
    }

    private static void add(double[] lanes, int from, int to, int count) {
        for (int r = 0; r < count; r++) {
            lanes[to + r] += lanes[from + r];
        }
    }

    /** Turns sums into statistics and coefficients; false if a row is not for this class, which is then done over. */
    private boolean settle(int count, long tile, Statistics out) {
        System.arraycopy(first, 0, sums.s1, 0, count);
        System.arraycopy(second, 0, sums.s2, 0, count);
        if (!sums.ordinary(count)) {
            return false;
        }
        for (int r = 0; r < count; r++) {
            c.pivot[r] = pivot[r];
        }
        sums.settle(count, c.pivot);
        values.store(count, tile, out);
        boolean anyWide = false;
        for (int r = 0; r < count; r++) {
            anyWide |= values.wide(r, 1);
            values.fill(r, c, r);
        }
        return !anyWide;
    }

    private void narrow(int count) {
        for (int r = 0; r < count; r++) {
            pivot[r] = (float) c.pivot[r];
            gain[r] = (float) c.gain[r];
            offset[r] = (float) c.offset[r];
        }
    }

    private void xhat(int count) {
        for (int j = 0; j < n; j++) {
            int at = j * TILE;
            for (int r = 0; r < count; r++) {
                xhat[at + r] = Math.fma(x[at + r] - pivot[r], gain[r], offset[r]);
            }
        }
    }

    private void affine(int count) {
        for (int j = 0; j < n; j++) {
            float factor = scale[j];
            float term = shift[j];
            int at = j * TILE;
            for (int r = 0; r < count; r++) {
                xhat[at + r] = Math.fma(xhat[at + r], factor, term);
            }
        }
    }

    @Override
    public void backward(Tensor dy, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dx,
            double[] scaleSums, double[] shiftSums, Extras extras, long from, long to) {
        FloatElements.readOr(scaleTensor, 0, n, scale, 1);
        for (long tile = from; tile < to; tile += TILE) {
            int count = (int) Math.min(TILE, to - tile);
            if (!readStatistics(count, tile, statistics)) {
                general.backward(dy, xTensor, scaleTensor, statistics, dx, scaleSums, shiftSums, extras, tile,
                        tile + count);
                continue;
            }
            load(xTensor, tile, count, x);
            load(dy, tile, count, g);
            narrow(count);
            xhat(count);
            if (scaleSums != null) {
                parameterSums(count, scaleSums, shiftSums);
            }
            if (dx != null) {
                if (!gradientSums(count)) {
                    general.backward(dy, xTensor, scaleTensor, statistics, dx, null, null, extras, tile, tile + count);
                    continue;
                }
                gradient(count);
                store(x, count, dx, tile);
            }
        }
    }

    /** False if a row is not for this class. */
    private boolean readStatistics(int count, long tile, Statistics statistics) {
        values.read(tile, count, statistics);
        for (int r = 0; r < count; r++) {
            if (values.wide(r)) {
                return false;
            }
            values.fill(r, c, r);
        }
        return true;
    }

    /** Adds dy and dy·x̂ over the rows of a block in floats, and then in double. */
    private void parameterSums(int count, double[] scaleSums, double[] shiftSums) {
        for (int block = 0; block < count; block += Lanes.ROW_DEPTH) {
            int end = Math.min(count, block + Lanes.ROW_DEPTH);
            for (int j = 0; j < n; j++) {
                float sum = 0;
                float dot = 0;
                for (int at = j * TILE + block; at < j * TILE + end; at++) {
                    sum += g[at];
                    dot = Math.fma(g[at], xhat[at], dot);
                }
                shiftSums[j] += sum;
                scaleSums[j] += dot;
            }
        }
    }

    /** False if a row is not for this class. */
    private boolean gradientSums(int count) {
        for (int j = 0; j < n; j++) {
            float factor = scale[j];
            int at = j * TILE;
            for (int r = 0; r < count; r++) {
                float u = g[at + r] * factor;
                g[at + r] = u;
                first[at + r] = 0f + u;
                second[at + r] = 0f + u * xhat[at + r];
            }
        }
        fold(first, count);
        fold(second, count);
        for (int r = 0; r < count; r++) {
            if (values.wideGradient(r, second[r], n)) {
                return false;
            }
            values.fillGradient(r, c, r, 1, first[r], second[r], n);
        }
        return true;
    }

    private void gradient(int count) {
        for (int r = 0; r < count; r++) {
            gradientGain[r] = (float) c.gradientGain[r];
            projection[r] = (float) c.projection[r];
            constant[r] = (float) c.constant[r];
        }
        for (int j = 0; j < n; j++) {
            int at = j * TILE;
            for (int r = 0; r < count; r++) {
                x[at + r] = Math.fma(g[at + r], gradientGain[r],
                        Math.fma(x[at + r] - pivot[r], projection[r], constant[r]));
            }
        }
    }

    @Override
    public void gradient(Tensor dy, Tensor xTensor, Tensor scaleTensor, Statistics statistics, double[] sums,
            double[] dots, Tensor dx, long from, long to) {
        general.gradient(dy, xTensor, scaleTensor, statistics, sums, dots, dx, from, to);
    }
}
