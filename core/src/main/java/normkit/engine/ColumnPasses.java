package normkit.engine;

import normkit.geometry.Columns;
import normkit.spi.Coefficients;
import normkit.spi.ColumnKernels;
import normkit.spi.KernelProvider;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Runs the column kernels over all chunks of a matrix, which a team shares. Serves one thread at a time. */
final class ColumnPasses {

    /** Chunks per member that are summed before their sums are handed on. */
    private static final int CHUNKS = 4;

    private final Columns columns;
    private final Team team;
    private final ColumnKernels[] kernels;
    private final int wave;
    private final double[][] first;
    private final double[][] second;

    // Kept, as are the arguments below, because a lambda that captures them would be allocated in every run.
    private final Team.Work sumTask = this::sumChunk;
    private final Team.Work applyTask = this::applyChunk;
    private final Team.Work gradientSumTask = this::gradientSumChunk;
    private final Team.Work gradientTask = this::gradientChunk;
    private long matrix;
    private int firstChunk;
    private Tensor dy;
    private Tensor x;
    private Tensor out;
    private Coefficients c;

    /** Takes the sums of chunks, in the order of chunks. */
    interface Sums {

        /** Takes two sums per wide column. */
        void add(double[] first, double[] second);
    }

    ColumnPasses(Columns columns, KernelProvider provider, DataType type, Team team) {
        this.columns = columns;
        this.team = team;
        this.kernels = new ColumnKernels[team.size()];
        for (int i = 0; i < kernels.length; i++) {
            kernels[i] = provider.columns(type);
        }
        this.wave = team.size() == 1 ? 1 : Math.min(columns.chunks(), CHUNKS * team.size());
        this.first = new double[wave][columns.width()];
        this.second = new double[wave][columns.width()];
    }

    /** See {@link ColumnKernels#pivots}. */
    void pivots(Tensor data, long of, Coefficients coefficients) {
        kernels[0].pivots(columns, data, of, coefficients);
    }

    /** See {@link ColumnKernels#sums}. */
    void sums(Tensor data, long of, Coefficients coefficients, Sums sums) {
        arguments(null, data, of, coefficients, null);
        sum(sumTask, sums);
    }

    /** See {@link ColumnKernels#apply}. */
    void apply(Tensor data, long of, Coefficients coefficients, Tensor y) {
        arguments(null, data, of, coefficients, y);
        team.run(columns.chunks(), applyTask);
        arguments(null, null, 0, null, null);
    }

    /** See {@link ColumnKernels#gradientSums}. */
    void gradientSums(Tensor gradient, Tensor data, long of, Coefficients coefficients, Sums sums) {
        arguments(gradient, data, of, coefficients, null);
        sum(gradientSumTask, sums);
    }

    /** See {@link ColumnKernels#gradientApply}. */
    void gradientApply(Tensor gradient, Tensor data, long of, Coefficients coefficients, Tensor dx) {
        arguments(gradient, data, of, coefficients, dx);
        firstChunk = 0;
        team.run(columns.chunks(), gradientTask);
        arguments(null, null, 0, null, null);
    }

    private void arguments(Tensor gradient, Tensor data, long of, Coefficients coefficients, Tensor to) {
        dy = gradient;
        x = data;
        matrix = of;
        c = coefficients;
        out = to;
    }

    private void sum(Team.Work task, Sums sums) {
        for (firstChunk = 0; firstChunk < columns.chunks(); firstChunk += wave) {
            int tasks = Math.min(wave, columns.chunks() - firstChunk);
            team.run(tasks, task);
            for (int i = 0; i < tasks; i++) {
                sums.add(first[i], second[i]);
            }
        }
        arguments(null, null, 0, null, null);
    }

    private void sumChunk(int task, int member) {
        kernels[member].sums(columns, x, matrix, firstChunk + task, c, first[task], second[task]);
    }

    private void applyChunk(int task, int member) {
        kernels[member].apply(columns, x, matrix, task, c, out);
    }

    private void gradientSumChunk(int task, int member) {
        kernels[member].gradientSums(columns, dy, x, matrix, firstChunk + task, c, first[task], second[task]);
    }

    private void gradientChunk(int task, int member) {
        kernels[member].gradientApply(columns, dy, x, matrix, task, c, out);
    }
}
