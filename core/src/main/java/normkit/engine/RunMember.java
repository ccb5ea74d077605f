package normkit.engine;

import java.util.Arrays;
import normkit.activation.Activation;
import normkit.bulk.Doubles;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.moments.Moments;
import normkit.moments.ShiftedSums;
import normkit.spi.Coefficients;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.RunKernels;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Runs problems whose sets are contiguous runs: tiles of sets that fit the first cache level together, or single sets.
 */
final class RunMember implements Member {

    /** Most affine sets whose coefficients are filled at once. */
    private static final int BATCH = 1024;

    /** Most forms that are kept, one per sample. */
    private static final int MOST_FORMS = 4096;

    private final Problem problem;
    private final Form.OfRuns form;
    private final Runs sets;
    private final RunKernels kernels;
    private final int tile;

    private final ShiftedSums shifted = new ShiftedSums();
    private final Moments moments = new Moments();
    private final WideSets wide = new WideSets();
    private final WideSets.Place place = new WideSets.Place();
    private final Trust trust;
    private final Doubles doubles = new Doubles();
    private final SetValues values;
    private final Coefficients statistic;
    private final Coefficients affine;
    /** Of affine sets; where there is none, or it varies within them, always 1 and −0. */
    private final double[] gamma;
    private final double[] beta;
    private final double[] sums;
    /** The same of sets that are one chunk each. */
    private final SetSums setSums;
    private final double[] gradientSums;
    private final double[] gradientScratch = new double[2];
    private final double[] groupSum;
    private final double[] groupDot;

    /** Each with one run of every set, in the order of memory, where that is how y is computed; otherwise the affine form. */
    private final Runs[] applied;

    private final Activation before;
    private final Activation after;
    /** Null where there is nothing but the normalization. */
    private final RunSteps steps;

    RunMember(Problem problem, Form.OfRuns form, RunKernels kernels, Team team) {
        this.problem = problem;
        this.form = form;
        this.sets = form.statistics();
        this.kernels = kernels;
        this.before = problem.fusion().before();
        this.after = problem.fusion().after();
        boolean inOrder =
                problem.pass() == Pass.INFERENCE && before == null && team.size() == 1 && sets.runs() <= MOST_FORMS;
        this.applied = inOrder ? runByRun(form.affine()) : new Runs[] {form.affine()};
        this.tile = inOrder
                ? (int) Math.min(BATCH, sets.sets())
                : tile(problem, form, kernels.tileBytes(sets, problem.x(), problem.pass().backward(), form.rowwise()));
        this.trust = Trust.of(problem.type());
        this.values = new SetValues(problem, tile, doubles);
        this.statistic = new Coefficients(tile);
        int batch = (int) Math.min(BATCH, tile * form.share());
        this.affine = new Coefficients(batch);
        this.gamma = new double[batch];
        this.beta = new double[batch];
        Arrays.fill(gamma, 1);
        Arrays.fill(beta, -0.0);
        this.sums = new double[2 * Math.max(tile, sets.chunks())];
        this.setSums = new SetSums(problem, sets.count(), sets.chunks() == 1 ? tile : 0, values);
        boolean backward = problem.pass().backward();
        this.gradientSums = new double[backward ? 2 * batch * form.affine().chunks() : 0];
        this.groupSum = new double[backward ? tile : 0];
        this.groupDot = new double[backward ? tile : 0];
        this.steps = problem.fusion().any() ? new RunSteps(problem.type(), team) : null;
    }

    /**
     * Where nothing is computed from a set, nothing is gained by keeping one in a cache, and memory is fastest from front to
     * back.
     */
    private static Runs[] runByRun(Runs form) {
        Runs[] forms = new Runs[(int) form.runs()];
        Arrays.setAll(forms, form::ofRun);
        return forms;
    }

    private static int tile(Problem problem, Form.OfRuns form, long bytes) {
        Runs sets = form.statistics();
        if (sets.chunks() > 1) {
            return 1;
        }
        long fit = Math.max(1, bytes / Math.max(1, sets.count() * problem.type().bytes()));
        if (problem.pass().backward() && form.elementwise()) {
            // Parameter gradients are summed in blocks of this many sets.
            fit = Lanes.ROW_DEPTH * Math.max(1, fit / Lanes.ROW_DEPTH);
        }
        return (int) Math.min(fit, sets.sets());
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y, Extras extras,
            long first, long end) {
        kernels.begin();
        for (long from = first; from < end; from += tile) {
            long to = Math.min(end, from + tile);
            Tensor input = steps == null ? x : prepare(x, y, extras, from, to);
            if (problem.pass() == Pass.INFERENCE) {
                readStatistics(from, to, statistics);
            } else {
                computeStatistics(input, from, to, statistics);
            }
            if (y != null) {
                applyTile(input, scale, shift, y, from, to);
            }
        }
    }

    /** Forms what is normalized, for a tile: the sum in its own tensor, or the activated input in y. */
    private Tensor prepare(Tensor x, Tensor y, Extras extras, long from, long to) {
        int chunks = sets.chunks();
        if (extras.residual != null) {
            steps.add(sets, from * chunks, to * chunks, x, extras.residual, extras.sum);
            return extras.sum;
        }
        if (before != null) {
            steps.activate(before, sets, from * chunks, to * chunks, x, y);
            return y;
        }
        return x;
    }

    private void readStatistics(long from, long to, Statistics statistics) {
        values.read(from, (int) (to - from), statistics);
    }

    private void computeStatistics(Tensor x, long from, long to, Statistics out) {
        boolean centred = problem.operation().centred();
        int chunks = sets.chunks();
        statistic.first = from;
        if (centred) {
            kernels.pivots(sets, x, from, to, statistic);
        } else {
            Arrays.fill(statistic.pivot, 0);
        }
        kernels.sums(sets, x, from * chunks, to * chunks, statistic, sums);
        int n = (int) (to - from);
        if (chunks > 1 || !settleAtOnce(n)) {
            for (int i = 0; i < n; i++) {
                gather(i, chunks);
                int exponent = settle(x, from + i, i);
                values.take(i, moments, exponent);
            }
        }
        values.store(n, from, out);
    }

    private boolean settleAtOnce(int n) {
        for (int i = 0; i < n; i++) {
            setSums.s1[i] = sums[2 * i];
            setSums.s2[i] = sums[2 * i + 1];
        }
        if (!setSums.ordinary(n)) {
            return false;
        }
        setSums.settle(n, statistic.pivot);
        return true;
    }

    private void gather(int i, int chunks) {
        shifted.clear();
        for (int k = i * chunks; k < (i + 1) * chunks; k++) {
            shifted.add(sums[2 * k], sums[2 * k + 1]);
        }
    }

    /**
     * Turns the gathered sums of a set into moments, forming them again where they cannot be trusted.
     *
     * @return the exponent the moments are scaled by
     */
    private int settle(Tensor x, long set, int i) {
        boolean centred = problem.operation().centred();
        double count = sets.count();
        if (centred && trust.holds(shifted, count, statistic.pivot[i]) && shifted.poor(count)) {
            sumAgain(x, set, i);
        }
        if (!trust.holds(shifted, count, statistic.pivot[i]) || centred && shifted.poor(count)) {
            return wide.moments(place(sets, set), x, centred, problem.epsilon(), moments);
        }
        if (centred) {
            shifted.toMoments(count, statistic.pivot[i], moments);
        } else {
            moments.set(count, 0, 0, shifted.s2());
        }
        return 0;
    }

    private void sumAgain(Tensor x, long set, int i) {
        double pivot = statistic.pivot[i] + shifted.s1() / sets.count();
        affine.first = set;
        affine.pivot[0] = problem.type().round(pivot);
        int chunks = sets.chunks();
        shifted.clear();
        for (int k = 0; k < chunks; k++) {
            kernels.sums(sets, x, set * chunks + k, set * chunks + k + 1, affine, gradientScratch);
            shifted.add(gradientScratch[0], gradientScratch[1]);
        }
        statistic.pivot[i] = affine.pivot[0];
    }

    private WideSets.Place place(Runs runs, long set) {
        return place.at(runs.start(set, 0), runs.runs(), runs.runStride(), runs.length());
    }

    private void applyTile(Tensor x, Tensor scale, Tensor shift, Tensor y, long from, long to) {
        Tensor scales = form.elementwise() ? scale : null;
        Tensor shifts = form.elementwise() ? shift : null;
        long end = to * form.share();
        for (long first = from * form.share(); first < end; first += BATCH) {
            long last = Math.min(end, first + BATCH);
            boolean anyWide = readParameters(first, last, from, scale, shift);
            for (long set = first; set < last; set++) {
                int j = (int) (set - first);
                values.fill((int) (form.setOf(set) - from), affine, j, gamma[j], beta[j]);
            }
            if (anyWide) {
                applyWide(x, scales, shifts, y, first, last, from);
            } else {
                applySets(x, first, last, scales, shifts, y);
            }
        }
    }

    private void applySets(Tensor x, long first, long last, Tensor scales, Tensor shifts, Tensor y) {
        for (Runs runs : applied) {
            applyChunks(runs, x, first * runs.chunks(), last * runs.chunks(), scales, shifts, y);
        }
    }

    private void applyChunks(Runs runs, Tensor x, long first, long last, Tensor scales, Tensor shifts, Tensor y) {
        if (after == null) {
            kernels.apply(runs, x, first, last, affine, scales, shifts, y);
            return;
        }
        long turn = steps.turn(runs);
        for (long from = first; from < last; from += turn) {
            long to = Math.min(last, from + turn);
            kernels.apply(runs, x, from, to, affine, scales, shifts, y);
            steps.activate(after, runs, from, to, y, y);
        }
    }

    /** Reads the parameters of affine sets {@code first} … {@code last} − 1; true if a set has to be done in double. */
    private boolean readParameters(long first, long last, long from, Tensor scale, Tensor shift) {
        affine.first = first;
        read(scale, first, last, gamma);
        read(shift, first, last, beta);
        boolean anyWide = false;
        for (long set = first; set < last; set++) {
            anyWide |= values.wide((int) (form.setOf(set) - from), gamma[(int) (set - first)]);
        }
        return anyWide;
    }

    /** Reads a parameter of some affine sets, unless there is none or it varies within them; after the last one comes the first. */
    private void read(Tensor parameter, long first, long last, double[] to) {
        if (parameter == null || form.elementwise()) {
            return;
        }
        int n = (int) (last - first);
        long at = first % form.parameters();
        int different = (int) Math.min(n, form.parameters());
        int upToEnd = (int) Math.min(different, form.parameters() - at);
        doubles.read(parameter, at, upToEnd, to, 0);
        doubles.read(parameter, 0, different - upToEnd, to, upToEnd);
        for (int done = different; done < n; done += done) {
            System.arraycopy(to, 0, to, done, Math.min(done, n - done));
        }
    }

    private void applyWide(Tensor x, Tensor scale, Tensor shift, Tensor y, long first, long last, long from) {
        for (long set = first; set < last; set++) {
            int i = (int) (form.setOf(set) - from);
            int j = (int) (set - first);
            if (values.wide(i, gamma[j])) {
                wide.apply(place(form.affine(), set), x, values, i, scale, shift, gamma[j], beta[j], after, y);
            } else {
                applySets(x, set, set + 1, scale, shift, y);
            }
        }
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, double[] scaleSums,
            double[] shiftSums, Extras extras, long first, long end) {
        kernels.begin();
        boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
        for (long from = first; from < end; from += tile) {
            long to = Math.min(end, from + tile);
            readStatistics(from, to, statistics);
            Tensor input = x;
            Tensor g = dy;
            Tensor target = dx;
            if (before != null) {
                input = extras.input;
                steps.activate(before, sets, from * sets.chunks(), to * sets.chunks(), x, input);
                // Not dx, which may be x, and that is needed once more.
                target = input;
            }
            if (after != null) {
                g = extras.gradient;
                outputGradientTile(dy, input, scale, extras.shift, g, from, to);
            }
            if (!frozen || scaleSums != null) {
                sumTile(g, input, scale, from, to, scaleSums, shiftSums);
            }
            if (dx == null) {
                continue;
            }
            if (frozen) {
                frozenTile(g, scale, target, from, to);
            } else {
                gradientTile(g, input, scale, target, from, to);
            }
            if (steps != null) {
                finish(x, target, dx, extras, from, to);
            }
        }
    }

    /** Takes the gradient of what was normalized on to x. */
    private void finish(Tensor x, Tensor gradient, Tensor dx, Extras extras, long from, long to) {
        int chunks = sets.chunks();
        if (before != null) {
            steps.gradient(before, sets, from * chunks, to * chunks, gradient, x, dx);
        }
        if (extras.sumGradient != null) {
            steps.add(sets, from * chunks, to * chunks, dx, extras.sumGradient, dx);
        }
    }

    /** The gradient of what the activation of the output was applied to, which is formed again for a tile. */
    private void outputGradientTile(Tensor dy, Tensor x, Tensor scale, Tensor shift, Tensor dz, long from, long to) {
        Tensor scales = form.elementwise() ? scale : null;
        Tensor shifts = form.elementwise() ? shift : null;
        Runs runs = form.affine();
        int chunks = runs.chunks();
        long end = to * form.share();
        for (long first = from * form.share(); first < end; first += BATCH) {
            long last = Math.min(end, first + BATCH);
            boolean anyWide = readParameters(first, last, from, scale, shift);
            for (long set = first; set < last; set++) {
                int j = (int) (set - first);
                values.fill((int) (form.setOf(set) - from), affine, j, gamma[j], beta[j]);
            }
            if (!anyWide) {
                steps.outputGradient(after, runs, first * chunks, last * chunks, affine, dy, x, scales, shifts, dz);
                continue;
            }
            for (long set = first; set < last; set++) {
                int i = (int) (form.setOf(set) - from);
                int j = (int) (set - first);
                if (values.wide(i, gamma[j])) {
                    wide.outputGradient(place(runs, set), dy, x, values, i, scales, shifts, gamma[j], beta[j], after,
                            dz);
                } else {
                    steps.outputGradient(after, runs, set * chunks, (set + 1) * chunks, affine, dy, x, scales, shifts,
                            dz);
                }
            }
        }
    }

    @Override
    public void gradient(Tensor dy, Tensor x, Tensor scale, Statistics statistics, double[] sums, double[] dots,
            Tensor dx, long first, long end) {
        kernels.begin();
        for (long from = first; from < end; from += tile) {
            long to = Math.min(end, from + tile);
            readStatistics(from, to, statistics);
            System.arraycopy(sums, (int) from, groupSum, 0, (int) (to - from));
            System.arraycopy(dots, (int) from, groupDot, 0, (int) (to - from));
            gradientTile(dy, x, scale, dx, from, to);
        }
    }

    /** Sums of g and g·x̂ per statistics set, and the parameters' gradients, for a tile. */
    private void sumTile(Tensor dy, Tensor x, Tensor scale, long from, long to, double[] scaleSums,
            double[] shiftSums) {
        Arrays.fill(groupSum, 0);
        Arrays.fill(groupDot, 0);
        Tensor scales = form.elementwise() ? scale : null;
        long end = to * form.share();
        int chunks = form.affine().chunks();
        for (long first = from * form.share(); first < end; first += BATCH) {
            long last = Math.min(end, first + BATCH);
            boolean anyWide = fillBackward(first, last, from, scale);
            // First, as these read x and dy from front to back, and what is far away comes faster so.
            if (scaleSums != null && form.elementwise()) {
                addParameters(dy, x, from, first, last, anyWide, scaleSums, shiftSums);
            }
            kernels.gradientSums(form.affine(), dy, x, first * chunks, last * chunks, affine, scales, gradientSums);
            for (long set = first; set < last; set++) {
                addSet(dy, x, scales, from, first, set, chunks, scaleSums, shiftSums);
            }
        }
    }

    /** Fills the coefficients of x̂ and reads γ; true if a set has to be done in double. */
    private boolean fillBackward(long first, long last, long from, Tensor scale) {
        affine.first = first;
        read(scale, first, last, gamma);
        boolean anyWide = false;
        for (long set = first; set < last; set++) {
            int i = (int) (form.setOf(set) - from);
            values.fill(i, affine, (int) (set - first));
            anyWide |= values.wide(i);
        }
        return anyWide;
    }

    private void addSet(Tensor dy, Tensor x, Tensor scales, long from, long first, long set, int chunks,
            double[] scaleSums, double[] shiftSums) {
        int i = (int) (form.setOf(set) - from);
        int j = (int) (set - first);
        if (values.wide(i)) {
            wide.gradientSums(place(form.affine(), set), dy, x, values, i, scales, gradientScratch, 0);
        } else {
            gradientScratch[0] = 0;
            gradientScratch[1] = 0;
            for (int k = j * chunks; k < (j + 1) * chunks; k++) {
                gradientScratch[0] += gradientSums[2 * k];
                gradientScratch[1] += gradientSums[2 * k + 1];
            }
        }
        groupSum[i] += gamma[j] * gradientScratch[0];
        groupDot[i] += gamma[j] * gradientScratch[1];
        if (scaleSums != null && !form.elementwise()) {
            int parameter = (int) (set % form.parameters());
            shiftSums[parameter] += gradientScratch[0];
            scaleSums[parameter] += gradientScratch[1];
        }
    }

    private void addParameters(Tensor dy, Tensor x, long from, long first, long last, boolean anyWide,
            double[] scaleSums, double[] shiftSums) {
        if (!anyWide) {
            kernels.parameterSums(form.affine(), dy, x, first, last, affine, scaleSums, shiftSums);
            return;
        }
        for (long block = first; block < last; block += Lanes.ROW_DEPTH) {
            addParameterBlock(dy, x, from, block, Math.min(last, block + Lanes.ROW_DEPTH), scaleSums, shiftSums);
        }
    }

    /** Adds a block by kernels, or in double if one of its sets has to be. */
    private void addParameterBlock(Tensor dy, Tensor x, long from, long first, long last, double[] scaleSums,
            double[] shiftSums) {
        boolean anyWide = false;
        for (long set = first; set < last; set++) {
            anyWide |= values.wide((int) (form.setOf(set) - from));
        }
        if (!anyWide) {
            kernels.parameterSums(form.affine(), dy, x, first, last, affine, scaleSums, shiftSums);
            return;
        }
        for (long set = first; set < last; set++) {
            int i = (int) (form.setOf(set) - from);
            wide.parameterSums(place(form.affine(), set), dy, x, values, i, scaleSums, shiftSums);
        }
    }

    private void gradientTile(Tensor dy, Tensor x, Tensor scale, Tensor dx, long from, long to) {
        Tensor scales = form.elementwise() ? scale : null;
        long end = to * form.share();
        int chunks = form.affine().chunks();
        for (long first = from * form.share(); first < end; first += BATCH) {
            long last = Math.min(end, first + BATCH);
            affine.first = first;
            read(scale, first, last, gamma);
            boolean anyWide = false;
            for (long set = first; set < last; set++) {
                int i = (int) (form.setOf(set) - from);
                int j = (int) (set - first);
                anyWide |= values.wideGradient(i, groupDot[i], sets.count());
                values.fillGradient(i, affine, j, gamma[j], groupSum[i], groupDot[i], sets.count());
            }
            if (anyWide) {
                gradientWide(dy, x, scales, dx, first, last, from);
            } else {
                kernels.gradientApply(form.affine(), dy, x, first * chunks, last * chunks, affine, scales, dx);
            }
        }
    }

    private void gradientWide(Tensor dy, Tensor x, Tensor scales, Tensor dx, long first, long last, long from) {
        int chunks = form.affine().chunks();
        double count = sets.count();
        for (long set = first; set < last; set++) {
            int i = (int) (form.setOf(set) - from);
            int j = (int) (set - first);
            if (values.wideGradient(i, groupDot[i], count)) {
                wide.gradient(place(form.affine(), set), dy, x, values, i, scales, gamma[j],
                        values.projection(i, groupDot[i], count), values.constant(i, groupSum[i], count), dx);
            } else {
                kernels.gradientApply(form.affine(), dy, x, set * chunks, (set + 1) * chunks, affine, scales, dx);
            }
        }
    }

    /** Constant statistics: dx = γ·rstd·dy, which is the forward formula without a mean and must not depend on x. */
    private void frozenTile(Tensor dy, Tensor scale, Tensor dx, long from, long to) {
        for (long first = from; first < to; first += BATCH) {
            frozenBatch(dy, scale, dx, first, Math.min(to, first + BATCH), from);
        }
    }

    private void frozenBatch(Tensor dy, Tensor scale, Tensor dx, long first, long last, long from) {
        affine.first = first;
        read(scale, first, last, gamma);
        boolean anyWide = false;
        for (long set = first; set < last; set++) {
            int j = (int) (set - first);
            double factor = values.rstd[(int) (set - from)] * gamma[j];
            anyWide |= values.outOfRange(factor);
            affine.pivot[j] = 0;
            affine.gain[j] = problem.type().round(factor);
            affine.offset[j] = -0.0;
        }
        int chunks = sets.chunks();
        if (!anyWide) {
            kernels.apply(sets, dy, first * chunks, last * chunks, affine, null, null, dx);
            return;
        }
        for (long set = first; set < last; set++) {
            double factor = values.rstd[(int) (set - from)] * gamma[(int) (set - first)];
            if (values.outOfRange(factor)) {
                wide.scale(place(sets, set), dy, factor, dx);
            } else {
                kernels.apply(sets, dy, set * chunks, (set + 1) * chunks, affine, null, null, dx);
            }
        }
    }
}
