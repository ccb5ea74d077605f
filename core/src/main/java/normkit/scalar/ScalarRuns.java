package normkit.scalar;

import java.util.Arrays;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Walks the blocks of contiguous runs and leaves the loops over their elements to {@link Arithmetic}. */
final class ScalarRuns implements RunKernels {

    private final DataType type;
    private final Arithmetic math;
    private final Pieces pieces = new Pieces();
    private final double[] first = new double[Lanes.NARROW_LANES];
    private final double[] second = new double[Lanes.NARROW_LANES];

    ScalarRuns(DataType type) {
        this.type = type;
        this.math = Arithmetic.of(type);
    }

    @Override
    public void begin() {
        math.forget();
    }

    @Override
    public long tileBytes(Runs form, TensorSpec x, boolean gradient, boolean elementwise) {
        // One staged block, so that a set staged for its moments is still there to be normalized.
        return (long) Lanes.BLOCK * type.bytes();
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        for (long set = from; set < to; set++) {
            c.pivot[(int) (set - c.first)] =
                    form.blocks() == 1 && form.runs() == 1 ? pivotOfBlock(form, x, set) : pivotOfSamples(form, x, set);
        }
    }

    private double pivotOfBlock(Runs form, Tensor x, long set) {
        long start = form.start(set, 0);
        math.stage(x, start, (int) form.length());
        return math.pivot((int) (form.sample(set, 0) - start), (int) (form.sample(set, 1) - start),
                (int) (form.sample(set, 2) - start), (int) (form.sample(set, 3) - start));
    }

    private double pivotOfSamples(Runs form, Tensor x, long set) {
        for (int quarter = 0; quarter < 4; quarter++) {
            math.stage(x, form.sample(set, quarter), 1, quarter);
        }
        return math.pivot(0, 1, 2, 3);
    }

    @Override
    public void sums(Runs form, Tensor x, long from, long to, Coefficients c, double[] sums) {
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            double pivot = c.pivot[(int) (set - c.first)];
            clearLanes();
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block++) {
                stageBlock(form, x, set, block, pivot);
                math.addShifted(pivot, first, second);
            }
            foldLanes(sums, (int) (chunk - from));
        }
    }

    @Override
    public void gradientSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        math.stageScale(null, 0, 0);
        for (long chunk = from; chunk < to; chunk++) {
            long set = form.setOf(chunk);
            int i = (int) (set - c.first);
            clearLanes();
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block++) {
                if (scale != null) {
                    math.stageScale(scale, form.offset(block), form.lengthInRun(block));
                }
                stageBlock(form, x, set, block, c.pivot[i]);
                stageGradientBlock(form, dy, set, block);
                math.addGradients(c.pivot[i], c.gain[i], c.offset[i], first, second);
            }
            foldLanes(sums, (int) (chunk - from));
        }
    }

    private void clearLanes() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    private void foldLanes(double[] sums, int chunk) {
        sums[2 * chunk] = Lanes.fold(first, 0);
        sums[2 * chunk + 1] = Lanes.fold(second, 0);
    }

    /** Stages a block; what is left of it is filled with the pivot, which adds zeros to the sums. */
    private void stageBlock(Runs form, Tensor x, long set, long block, double pivot) {
        int length = form.lengthInRun(block);
        if (form.runsPerBlock() == 1) {
            math.stage(x, form.start(set, form.firstRun(block)) + form.offset(block), length);
            math.pad(length, Lanes.BLOCK, pivot);
            return;
        }
        int stride = form.laneRowsPerRun() * Lanes.LANES;
        int at = 0;
        for (long run = form.firstRun(block); run < form.endRun(block); run++) {
            math.stage(x, form.start(set, run), length, at);
            math.pad(at + length, at + stride, pivot);
            at += stride;
        }
        math.pad(at, Lanes.BLOCK, pivot);
    }

    private void stageGradientBlock(Runs form, Tensor dy, long set, long block) {
        int length = form.lengthInRun(block);
        if (form.runsPerBlock() == 1) {
            math.stageGradient(dy, form.start(set, form.firstRun(block)) + form.offset(block), length);
            math.padGradient(length, Lanes.BLOCK);
            return;
        }
        int stride = form.laneRowsPerRun() * Lanes.LANES;
        int at = 0;
        for (long run = form.firstRun(block); run < form.endRun(block); run++) {
            math.stageGradient(dy, form.start(set, run), length, at);
            math.padGradient(at + length, at + stride);
            at += stride;
        }
        math.padGradient(at, Lanes.BLOCK);
    }

    @Override
    public void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y) {
        boolean elementwise = scale != null || shift != null;
        pieces.over(form, from, to);
        while (pieces.next()) {
            int i = (int) (pieces.set - c.first);
            if (elementwise && pieces.newOffset) {
                math.stageScale(scale, pieces.offset, pieces.length);
                math.stageShift(shift, pieces.offset, pieces.length);
            }
            math.stage(x, pieces.start, pieces.length);
            if (elementwise) {
                math.applyElementwise(pieces.length, c.pivot[i], c.gain[i], c.offset[i]);
            } else {
                math.apply(pieces.length, c.pivot[i], c.gain[i], c.offset[i]);
            }
            math.store(y, pieces.start, pieces.length);
        }
    }

    @Override
    public void gradientApply(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor dx) {
        pieces.over(form, from, to);
        while (pieces.next()) {
            int i = (int) (pieces.set - c.first);
            if (pieces.newOffset) {
                math.stageScale(scale, pieces.offset, pieces.length);
            }
            math.stage(x, pieces.start, pieces.length);
            math.stageGradient(dy, pieces.start, pieces.length);
            math.gradient(pieces.length, c.pivot[i], c.gradientGain[i], c.projection[i], c.constant[i]);
            math.store(dx, pieces.start, pieces.length);
        }
    }

    @Override
    public void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        long length = form.length();
        for (long at = 0; at < length; at += Lanes.BLOCK) {
            int n = (int) Math.min(Lanes.BLOCK, length - at);
            math.clearColumns(n);
            for (long set = from; set < to; set++) {
                int i = (int) (set - c.first);
                math.addParameterRow(dy, x, form.start(set, 0) + at, n, c.pivot[i], c.gain[i], c.offset[i]);
                if ((set + 1 - from) % Lanes.ROW_DEPTH == 0 || set + 1 == to) {
                    math.flushColumns(dshift, dscale, (int) at, n);
                }
            }
        }
    }
}
