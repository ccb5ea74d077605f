package normkit.engine;

import java.util.Arrays;
import normkit.activation.Activation;
import normkit.bulk.Doubles;
import normkit.geometry.Columns;
import normkit.moments.Moments;
import normkit.moments.ShiftedSums;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Runs problems whose sets are columns, matrix by matrix. */
final class ColumnMember implements Member {

    private final Problem problem;
    private final Form.OfColumns form;
    private final Columns columns;
    private final ColumnPasses passes;
    private final int width;
    private final int cols;

    private final ShiftedSums shifted = new ShiftedSums();
    private final Moments column = new Moments();
    private final Moments moments = new Moments();
    private final WideSets wide = new WideSets();
    private final WideSets.Place place = new WideSets.Place();
    private final Trust trust;
    private final Doubles doubles = new Doubles();
    private final SetValues values;
    private final Coefficients c;
    private final ColumnSums sums;
    private final double[] gamma;
    private final double[] beta;
    private final double[] columnSum;
    private final double[] columnDot;
    private final double[] setSum;
    private final double[] setDot;
    private final double[] wideSums = new double[2];
    // Kept, because a method reference would be allocated in every run.
    private final ColumnPasses.Sums addShifted;
    private final ColumnPasses.Sums addGradients = this::addGradients;

    private final Activation before;
    private final Activation after;
    /** Columns whose gradient through the activation of the output is formed in double. */
    private final boolean[] skipped;

    ColumnMember(Problem problem, Form.OfColumns form, ColumnPasses passes) {
        this.problem = problem;
        this.form = form;
        this.columns = form.columns();
        this.passes = passes;
        this.width = columns.width();
        this.cols = columns.cols();
        this.trust = Trust.of(problem.type());
        this.values = new SetValues(problem, columns.setsPerMatrix(), doubles);
        this.c = new Coefficients(width);
        this.sums = new ColumnSums(problem, problem.pass() == Pass.FORWARD ? cols : 0, columns.rows());
        this.addShifted = sums::add;
        boolean backward = problem.pass().backward();
        this.gamma = new double[cols];
        this.beta = new double[cols];
        this.setSum = new double[backward ? columns.setsPerMatrix() : 0];
        this.setDot = new double[backward ? columns.setsPerMatrix() : 0];
        this.columnSum = new double[backward ? cols : 0];
        this.columnDot = new double[backward ? cols : 0];
        this.before = problem.fusion().before();
        this.after = problem.fusion().after();
        this.skipped = new boolean[backward && after != null ? width : 0];
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y, Extras extras, long from,
            long to) {
        for (long matrix = from; matrix < to; matrix++) {
            readParameters(matrix, scale, shift);
            Tensor input = x;
            if (before != null) {
                input = y;
                passes.activate(before, x, matrix, y);
            }
            if (problem.pass() == Pass.INFERENCE) {
                readStatistics(matrix, statistics);
            } else {
                computeStatistics(input, matrix, statistics);
            }
            if (y != null) {
                apply(input, y, matrix);
            }
        }
    }

    private void apply(Tensor x, Tensor y, long matrix) {
        boolean anyWide = fillForward();
        boolean inPlace = x.sameMemory(y);
        if (anyWide && inPlace) {
            // Which the kernels copy, and what follows activates.
            applyWide(x, y, null, matrix);
        }
        passes.apply(x, matrix, c, after, y);
        if (anyWide && !inPlace) {
            applyWide(x, y, after, matrix);
        }
    }

    private void readParameters(long matrix, Tensor scale, Tensor shift) {
        read(scale, matrix, 1, gamma);
        read(shift, matrix, -0.0, beta);
    }

    private void read(Tensor parameter, long matrix, double absent, double[] to) {
        if (parameter == null) {
            Arrays.fill(to, absent);
        } else if (form.share() == Form.Share.COLUMN) {
            doubles.read(parameter, 0, cols, to, 0);
        } else {
            int fold = columns.fold();
            doubles.read(parameter, form.parameter(matrix, 0), columns.setsPerMatrix(), to, 0);
            // From the last set on, because the columns of one lie on the parameters of those after it.
            for (int set = columns.setsPerMatrix() - 1; set >= 0; set--) {
                Arrays.fill(to, set * fold, (set + 1) * fold, to[set]);
            }
        }
    }

    private void readStatistics(long matrix, Statistics statistics) {
        int sets = columns.setsPerMatrix();
        values.read(matrix * sets, sets, statistics);
    }

    private void computeStatistics(Tensor x, long matrix, Statistics out) {
        passes.pivots(x, matrix, c);
        sum(x, matrix);
        boolean ordinary = sums.allOrdinary();
        if (!ordinary && movePoorPivots()) {
            sum(x, matrix);
            ordinary = sums.allOrdinary();
        }
        boolean single = columns.fold() == 1;
        if (single) {
            sums.settle(c.pivot, values);
        }
        int sets = columns.setsPerMatrix();
        if (!single || !ordinary) {
            settleOneByOne(x, matrix, sets, single);
        }
        values.store(sets, matrix * sets, out);
    }

    /** Settles the sets that were not settled at once. */
    private void settleOneByOne(Tensor x, long matrix, int sets, boolean single) {
        for (int set = 0; set < sets; set++) {
            if (!single || !sums.ordinary(set)) {
                int exponent = settle(x, matrix, set);
                values.take(set, moments, exponent);
            }
        }
    }

    /**
     * Merges the moments of a set's columns, or forms them again where the sums of one cannot be trusted.
     *
     * @return the exponent the moments are scaled by
     */
    private int settle(Tensor x, long matrix, int set) {
        double count = columns.rows();
        moments.clear();
        for (int j = set * columns.fold(); j < (set + 1) * columns.fold(); j++) {
            sums.get(j, shifted);
            if (!trust.holds(shifted, count, c.pivot[j]) || shifted.poor(count)) {
                place(matrix, set * columns.fold());
                place.length = columns.fold();
                return wide.moments(place, x, true, problem.epsilon(), moments);
            }
            shifted.toMoments(count, c.pivot[j], column);
            moments.merge(column);
        }
        return 0;
    }

    /** Sums of every column of a matrix: chunks in order, and within a chunk the wide columns of a column in order. */
    private void sum(Tensor x, long matrix) {
        repeat(c.pivot);
        sums.clear();
        passes.sums(x, matrix, c, addShifted);
    }

    private boolean movePoorPivots() {
        boolean moved = false;
        double count = columns.rows();
        for (int j = 0; j < cols; j++) {
            sums.get(j, shifted);
            if (trust.holds(shifted, count, c.pivot[j]) && shifted.poor(count)) {
                c.pivot[j] = problem.type().round(c.pivot[j] + shifted.s1() / count);
                moved = true;
            }
        }
        return moved;
    }

    private WideSets.Place place(long matrix, int column) {
        return place.at(matrix * columns.rows() * cols + column, columns.rows(), cols, 1);
    }

    /** The set of a column. Most often each is one, and a division takes longer than all else that is asked of a column. */
    private int set(int j) {
        return columns.fold() == 1 ? j : j / columns.fold();
    }

    /**
     * Fills the coefficients of a wide row; columns to be done in double are copied by the kernels.
     *
     * @return whether there are such columns
     */
    private boolean fillForward() {
        boolean anyWide = false;
        for (int j = 0; j < cols; j++) {
            if (values.wide(set(j), gamma[j])) {
                fillFactor(j, 1);
                anyWide = true;
            } else {
                values.fill(set(j), c, j, gamma[j], beta[j]);
            }
        }
        repeatForward();
        return anyWide;
    }

    /**
     * Fills the coefficients of x̂; where it is done in double, they do not matter.
     *
     * @return whether there are such columns
     */
    private boolean fillBackward() {
        boolean anyWide = false;
        for (int j = 0; j < cols; j++) {
            if (values.wide(set(j))) {
                fillFactor(j, 1);
                anyWide = true;
            } else {
                values.fill(set(j), c, j);
            }
        }
        repeatForward();
        return anyWide;
    }

    /** Makes the forward formula of a column that of a multiplication. */
    private void fillFactor(int j, double factor) {
        c.pivot[j] = 0;
        c.gain[j] = factor;
        c.offset[j] = -0.0;
    }

    private void repeatForward() {
        repeat(c.pivot);
        repeat(c.gain);
        repeat(c.offset);
    }

    private void repeat(double[] perColumn) {
        for (int at = cols; at < width; at += cols) {
            System.arraycopy(perColumn, 0, perColumn, at, cols);
        }
    }

    private void applyWide(Tensor x, Tensor y, Activation activation, long matrix) {
        for (int j = 0; j < cols; j++) {
            if (values.wide(set(j), gamma[j])) {
                wide.apply(place(matrix, j), x, values, set(j), null, null, gamma[j], beta[j], activation, y);
            }
        }
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, double[] scaleSums,
            double[] shiftSums, Extras extras, long from, long to) {
        boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
        for (long matrix = from; matrix < to; matrix++) {
            readParameters(matrix, scale, extras.shift);
            readStatistics(matrix, statistics);
            Tensor input = x;
            Tensor g = dy;
            Tensor target = dx;
            if (before != null) {
                input = extras.input;
                passes.activate(before, x, matrix, input);
                // Not dx, which may be x, and that is needed once more.
                target = input;
            }
            if (after != null) {
                g = extras.gradient;
                outputGradient(dy, input, g, matrix);
            }
            if (!frozen || scaleSums != null) {
                sumGradients(g, input, matrix);
                addParameters(matrix, scaleSums, shiftSums);
            }
            if (dx == null) {
                continue;
            }
            if (frozen) {
                frozen(g, target, matrix);
            } else {
                sumSets();
                gradient(g, input, target, matrix);
            }
            if (before != null) {
                passes.gradient(before, target, x, matrix, dx);
            }
        }
    }

    /** The gradient of what the activation of the output was applied to, which is formed again. */
    private void outputGradient(Tensor dy, Tensor x, Tensor dz, long matrix) {
        fillForward();
        for (int j = 0; j < width; j++) {
            skipped[j] = values.wide(set(j % cols), gamma[j % cols]);
        }
        passes.outputGradient(after, dy, x, matrix, c, skipped, dz);
        for (int j = 0; j < cols; j++) {
            if (skipped[j]) {
                wide.outputGradient(place(matrix, j), dy, x, values, set(j), null, null, gamma[j], beta[j], after, dz);
            }
        }
    }

    @Override
    public void gradient(Tensor dy, Tensor x, Tensor scale, Statistics statistics, double[] sums, double[] dots,
            Tensor dx, long from, long to) {
        int sets = columns.setsPerMatrix();
        for (long matrix = from; matrix < to; matrix++) {
            readParameters(matrix, scale, null);
            readStatistics(matrix, statistics);
            fillBackward();
            System.arraycopy(sums, (int) matrix * sets, setSum, 0, sets);
            System.arraycopy(dots, (int) matrix * sets, setDot, 0, sets);
            gradient(dy, x, dx, matrix);
        }
    }

    private void addParameters(long matrix, double[] scaleSums, double[] shiftSums) {
        for (int j = 0; j < cols && scaleSums != null; j++) {
            int parameter = form.parameter(matrix, j);
            shiftSums[parameter] += columnSum[j];
            scaleSums[parameter] += columnDot[j];
        }
    }

    private void sumGradients(Tensor dy, Tensor x, long matrix) {
        boolean anyWide = fillBackward();
        Arrays.fill(columnSum, 0);
        Arrays.fill(columnDot, 0);
        passes.gradientSums(dy, x, matrix, c, addGradients);
        for (int j = 0; j < cols && anyWide; j++) {
            if (values.wide(set(j))) {
                wide.gradientSums(place(matrix, j), dy, x, values, set(j), null, wideSums, 0);
                columnSum[j] = wideSums[0];
                columnDot[j] = wideSums[1];
            }
        }
    }

    private void addGradients(double[] first, double[] second) {
        for (int at = 0; at < width; at += cols) {
            for (int j = 0; j < cols; j++) {
                columnSum[j] += first[at + j];
                columnDot[j] += second[at + j];
            }
        }
    }

    private void sumSets() {
        for (int set = 0; set < columns.setsPerMatrix(); set++) {
            setSum[set] = 0;
            setDot[set] = 0;
            for (int j = set * columns.fold(); j < (set + 1) * columns.fold(); j++) {
                setSum[set] += gamma[j] * columnSum[j];
                setDot[set] += gamma[j] * columnDot[j];
            }
        }
    }

    private void gradient(Tensor dy, Tensor x, Tensor dx, long matrix) {
        boolean onGradient = dx.sameMemory(dy);
        boolean anyWide = false;
        for (int j = 0; j < cols; j++) {
            int set = set(j);
            if (values.wideGradient(set, setDot[set], columns.count())) {
                // Copies g, or x, whose place dx may have taken already.
                c.pivot[j] = 0;
                c.gradientGain[j] = onGradient ? 1 : 0;
                c.projection[j] = onGradient ? 0 : 1;
                c.constant[j] = -0.0;
                anyWide = true;
            } else {
                values.fillGradient(set, c, j, gamma[j], setSum[set], setDot[set], columns.count());
            }
        }
        repeat(c.pivot);
        repeat(c.gradientGain);
        repeat(c.projection);
        repeat(c.constant);
        boolean inPlace = onGradient || dx.sameMemory(x);
        if (anyWide && inPlace) {
            gradientWide(dy, x, dx, matrix);
        }
        passes.gradientApply(dy, x, matrix, c, dx);
        if (anyWide && !inPlace) {
            gradientWide(dy, x, dx, matrix);
        }
    }

    private void gradientWide(Tensor dy, Tensor x, Tensor dx, long matrix) {
        double count = columns.count();
        for (int j = 0; j < cols; j++) {
            int set = set(j);
            if (values.wideGradient(set, setDot[set], count)) {
                wide.gradient(place(matrix, j), dy, x, values, set, null, gamma[j],
                        values.projection(set, setDot[set], count), values.constant(set, setSum[set], count), dx);
            }
        }
    }

    /** Constant statistics: dx = γ·rstd·dy, which is the forward formula without a mean and must not depend on x. */
    private void frozen(Tensor dy, Tensor dx, long matrix) {
        boolean anyWide = false;
        for (int j = 0; j < cols; j++) {
            double factor = values.rstd[set(j)] * gamma[j];
            boolean isWide = values.outOfRange(factor);
            fillFactor(j, isWide ? 1 : problem.type().round(factor));
            anyWide |= isWide;
        }
        repeatForward();
        boolean inPlace = dx.sameMemory(dy);
        if (anyWide && inPlace) {
            frozenWide(dy, dx, matrix);
        }
        passes.apply(dy, matrix, c, null, dx);
        if (anyWide && !inPlace) {
            frozenWide(dy, dx, matrix);
        }
    }

    private void frozenWide(Tensor dy, Tensor dx, long matrix) {
        for (int j = 0; j < cols; j++) {
            double factor = values.rstd[set(j)] * gamma[j];
            if (values.outOfRange(factor)) {
                wide.scale(place(matrix, j), dy, factor, dx);
            }
        }
    }
}
