package normkit.engine;

import java.util.Arrays;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.KernelProvider;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Kernels for few large sets: every kernel's chunks are divided among the members of a team, each with kernels of its own.
 * The gradients of γ and β per element are divided by elements if there is a single row, otherwise by blocks of rows, whose
 * sums are added in order.
 */
final class TeamRunKernels implements RunKernels {

    /** Tasks per member: more even out threads that are not equally fast, fewer cost less to hand out. */
    private static final int TASKS = 4;

    /** Elements of a row whose gradients of γ and β are summed at once: their sums stay in the second cache level. */
    private static final int SLICE = 16 * 1024;

    /** Parameters of all blocks of rows whose sums are kept at a time. */
    private static final long ROOM = 1 << 18;

    /** Most such blocks. */
    private static final int MOST_BLOCKS = 64;

    private final Team team;
    private final RunKernels[] kernels;
    private final double[][] parts;
    private final ParameterSums[] sums;

    TeamRunKernels(KernelProvider provider, DataType type, Team team) {
        this.team = team;
        this.kernels = new RunKernels[team.size()];
        Arrays.setAll(kernels, i -> provider.runs(type));
        this.parts = new double[team.size()][0];
        this.sums = new ParameterSums[Math.max(MOST_BLOCKS, team.size())];
        Arrays.setAll(sums, i -> new ParameterSums(0));
    }

    @Override
    public void begin() {
        for (RunKernels own : kernels) {
            own.begin();
        }
    }

    @Override
    public long tileBytes(Runs form, TensorSpec x, boolean gradient, boolean elementwise) {
        return kernels[0].tileBytes(form, x, gradient, elementwise);
    }

    @Override
    public void pivots(Runs form, Tensor x, long from, long to, Coefficients c) {
        kernels[0].pivots(form, x, from, to, c);
    }

    @Override
    public void sums(Runs form, Tensor x, long from, long to, Coefficients c, double[] sums) {
        divide(from, to, (kernel, member, first, last) -> {
            double[] part = part(member, last - first);
            kernel.sums(form, x, first, last, c, part);
            System.arraycopy(part, 0, sums, (int) (2 * (first - from)), (int) (2 * (last - first)));
        });
    }

    @Override
    public void apply(Runs form, Tensor x, long from, long to, Coefficients c, Tensor scale, Tensor shift, Tensor y) {
        divide(from, to, (kernel, member, first, last) -> kernel.apply(form, x, first, last, c, scale, shift, y));
    }

    @Override
    public void gradientSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            double[] sums) {
        divide(from, to, (kernel, member, first, last) -> {
            double[] part = part(member, last - first);
            kernel.gradientSums(form, dy, x, first, last, c, scale, part);
            System.arraycopy(part, 0, sums, (int) (2 * (first - from)), (int) (2 * (last - first)));
        });
    }

    @Override
    public void gradientApply(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, Tensor scale,
            Tensor dx) {
        divide(from, to, (kernel, member, first, last) -> kernel.gradientApply(form, dy, x, first, last, c, scale, dx));
    }

    @Override
    public void parameterSums(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        if (to - from == 1) {
            sumSlices(form, dy, x, from, c, dscale, dshift);
            return;
        }
        long room = Math.clamp(ROOM / form.length(), team.size(), MOST_BLOCKS) * (long) Lanes.ROW_DEPTH;
        for (long first = from; first < to; first += room) {
            sumBlocks(form, dy, x, first, Math.min(to, first + room), c, dscale, dshift);
        }
    }

    private void sumSlices(Runs form, Tensor dy, Tensor x, long set, Coefficients c, double[] dscale, double[] dshift) {
        int length = (int) form.length();
        team.run((int) Lanes.ceilDiv(length, SLICE), (task, member) -> {
            int first = task * SLICE;
            int n = Math.min(SLICE, length - first);
            ParameterSums own = sums(member, n);
            kernels[member].parameterSums(form.slice(set, first, first + n), dy, x, set, set + 1, c, own.scale,
                    own.shift);
            own.moveTo(dscale, dshift, first, 0, n);
        });
    }

    private void sumBlocks(Runs form, Tensor dy, Tensor x, long from, long to, Coefficients c, double[] dscale,
            double[] dshift) {
        int length = (int) form.length();
        int blocks = (int) Lanes.ceilDiv(to - from, Lanes.ROW_DEPTH);
        divide(0, blocks, (kernel, member, first, last) -> {
            for (int block = (int) first; block < last; block++) {
                ParameterSums own = sums(block, length);
                long set = from + (long) block * Lanes.ROW_DEPTH;
                kernel.parameterSums(form, dy, x, set, Math.min(to, set + Lanes.ROW_DEPTH), c, own.scale, own.shift);
            }
        });
        for (int block = 0; block < blocks; block++) {
            sums[block].moveTo(dscale, dshift, 0, 0, length);
        }
    }

    private ParameterSums sums(int i, int n) {
        if (sums[i].scale.length < n) {
            sums[i] = new ParameterSums(n);
        }
        return sums[i];
    }

    /** A kernel over some of the chunks. */
    private interface Piece {
        void run(RunKernels kernel, int member, long first, long last);
    }

    private void divide(long from, long to, Piece piece) {
        int tasks = (int) Math.min(to - from, TASKS * (long) team.size());
        if (tasks == 1) {
            piece.run(kernels[0], 0, from, to);
            return;
        }
        long each = Lanes.ceilDiv(to - from, tasks);
        team.run((int) Lanes.ceilDiv(to - from, each), (task, member) -> {
            long first = from + task * each;
            piece.run(kernels[member], member, first, Math.min(to, first + each));
        });
    }

    private double[] part(int member, long chunks) {
        if (parts[member].length < 2 * chunks) {
            parts[member] = new double[(int) (2 * chunks)];
        }
        return parts[member];
    }
}
