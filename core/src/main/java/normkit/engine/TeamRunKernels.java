package normkit.engine;

import java.util.Arrays;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.KernelProvider;
import normkit.spi.RunKernels;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * Kernels for few large sets: every kernel's chunks are divided among the members of a team, each with kernels of its own.
 * The gradients of γ and β per element are added set by set, so that they are left to one.
 */
final class TeamRunKernels implements RunKernels {

    /** Tasks per member: more even out threads that are not equally fast, fewer cost less to hand out. */
    private static final int TASKS = 4;

    private final Team team;
    private final RunKernels[] kernels;
    private final double[][] parts;

    TeamRunKernels(KernelProvider provider, DataType type, Team team) {
        this.team = team;
        this.kernels = new RunKernels[team.size()];
        Arrays.setAll(kernels, i -> provider.runs(type));
        this.parts = new double[team.size()][0];
    }

    @Override
    public void begin() {
        for (RunKernels own : kernels) {
            own.begin();
        }
    }

    @Override
    public long tileBytes() {
        return kernels[0].tileBytes();
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
        kernels[0].parameterSums(form, dy, x, from, to, c, dscale, dshift);
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
