package normkit.scalar;

import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Walks the blocks of contiguous runs and leaves the loops over their elements to {@link Arithmetic}. */
final class ScalarRuns implements RunKernels {

    private final Arithmetic math;
    private final Pieces pieces = new Pieces();
    private final long[] starts = new long[4];

    ScalarRuns(DataType type) {
        this.math = Arithmetic.of(type);
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        int size = (int) Math.min(Lanes.NARROW_LANES, form.length());
        for (long set = from; set < to; set++) {
            for (int quarter = 0; quarter < starts.length; quarter++) {
                starts[quarter] = form.sample(set, quarter, size);
            }
            c.pivot[(int) (set - c.first)] = math.pivot(x, starts, size);
        }
    }

    @Override
    public void sums(Runs form, Tensor x, long from, long to, Coefficients c, double[] sums) {
        sumChunks(form, null, x, from, to, c, null, sums);
    }

    @Override
    public void gradientSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        sumChunks(form, dy, x, from, to, c, scale, sums);
    }

    private void sumChunks(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        math.stageScale(null, 0, Lanes.BLOCK);
        int chunks = form.chunks();
        for (long chunk = from; chunk < to; chunk++) {
            long set = chunk / chunks;
            double first = 0;
            double second = 0;
            long end = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < end; block++) {
                math.clearLanes();
                addBlock(form, dy, x, set, block, c, scale);
                first += math.foldFirst();
                second += math.foldSecond();
            }
            sums[(int) (2 * (chunk - from))] = first;
            sums[(int) (2 * (chunk - from)) + 1] = second;
        }
    }

    private void addBlock(Runs form, Tensor dy, Tensor x, long set, long block, Coefficients c, Tensor scale) {
        int i = (int) (set - c.first);
        int length = form.lengthInRun(block);
        long offset = form.offset(block);
        if (scale != null) {
            math.stageScale(scale, offset, length);
        }
        long end = form.endRun(block);
        for (long run = form.firstRun(block); run < end; run++) {
            long start = form.start(set, run) + offset;
            if (dy == null) {
                math.addShifted(x, start, length, c.pivot[i]);
            } else {
                math.addGradients(dy, x, start, length, c.pivot[i], c.gain[i], c.offset[i]);
            }
        }
    }

    @Override
    public void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y) {
        boolean elementwise = scale != null || shift != null;
        pieces.over(form, from, to);
        while (pieces.next()) {
            int i = (int) (pieces.set - c.first);
            if (elementwise) {
                if (pieces.newOffset) {
                    // Where only one of γ and β varies within a set, the other is absent: 1 or −0 for every set.
                    math.stageParameters(scale, shift, pieces.offset, pieces.length, 1, -0.0);
                }
                math.applyElementwise(x, y, pieces.start, pieces.length, c.pivot[i], c.gain[i], c.offset[i]);
            } else {
                math.apply(x, y, pieces.start, pieces.length, c.pivot[i], c.gain[i], c.offset[i], c.scale[i],
                        c.shift[i]);
            }
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
            math.gradient(dy, x, dx, pieces.start, pieces.length, c.pivot[i], c.gain[i], c.offset[i],
                    c.gradientGain[i], c.projection[i], c.constant[i]);
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
                if ((set + 1) % Lanes.PARAMETER_DEPTH == 0 || set + 1 == to) {
                    math.flushColumns(dshift, dscale, (int) at, n);
                }
            }
        }
    }
}
