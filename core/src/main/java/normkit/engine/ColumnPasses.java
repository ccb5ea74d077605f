package normkit.engine;

import java.util.Arrays;
import normkit.activation.Activation;
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
    private final Elements[] elements;
    private final int wave;
    private final double[][] first;
    private final double[][] second;

    // Kept, as are the arguments below, because a lambda that captures them would be allocated in every run.
    private final Team.Work sumTask = this::sumChunk;
    private final Team.Work applyTask = this::applyChunk;
    private final Team.Work gradientSumTask = this::gradientSumChunk;
    private final Team.Work gradientTask = this::gradientChunk;
    private final Team.Work activationTask = this::activationChunk;
    private final Team.Work activationGradientTask = this::activationGradientChunk;
    private final Team.Work outputGradientTask = this::outputGradientChunk;
    private long matrix;
    private int firstChunk;
    private Tensor dy;
    private Tensor x;
    private Tensor out;
    private Coefficients c;
    private Activation f;
    private boolean[] skipped;

    /** Takes the sums of chunks, in the order of chunks. */
    interface Sums {

        /** Takes two sums per wide column. */
        void add(double[] first, double[] second);
    }

    ColumnPasses(Columns columns, KernelProvider provider, DataType type, Team team, boolean fused) {
        this.columns = columns;
        this.team = team;
        this.kernels = new ColumnKernels[team.size()];
        for (int i = 0; i < kernels.length; i++) {
            kernels[i] = provider.columns(type);
        }
        this.elements = new Elements[fused ? team.size() : 0];
        Arrays.setAll(elements, i -> Elements.of(type));
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

    /**
     * See {@link ColumnKernels#apply}.
     *
     * @param after what y is the activation of, null for none
     */
    void apply(Tensor data, long of, Coefficients coefficients, Activation after, Tensor y) {
        arguments(null, data, of, coefficients, y);
        f = after;
        // What was summed last is most likely still in a cache.
        team.runFromLast(columns.chunks(), applyTask);
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
        team.runFromLast(columns.chunks(), gradientTask);
        arguments(null, null, 0, null, null);
    }

    /** y = f(x). */
    void activate(Activation activation, Tensor data, long of, Tensor y) {
        arguments(null, data, of, null, y);
        f = activation;
        team.run(columns.chunks(), activationTask);
        arguments(null, null, 0, null, null);
    }

    /** dx = dy·f′(x). */
    void gradient(Activation activation, Tensor gradient, Tensor data, long of, Tensor dx) {
        arguments(gradient, data, of, null, dx);
        f = activation;
        team.run(columns.chunks(), activationGradientTask);
        arguments(null, null, 0, null, null);
    }

    /** See {@link Elements#outputGradient}. */
    void outputGradient(Activation activation, Tensor gradient, Tensor data, long of, Coefficients coefficients,
            boolean[] columnsSkipped, Tensor dz) {
        arguments(gradient, data, of, coefficients, dz);
        f = activation;
        skipped = columnsSkipped;
        team.run(columns.chunks(), outputGradientTask);
        arguments(null, null, 0, null, null);
    }

    private void arguments(Tensor gradient, Tensor data, long of, Coefficients coefficients, Tensor to) {
        dy = gradient;
        x = data;
        matrix = of;
        c = coefficients;
        out = to;
        f = null;
        skipped = null;
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

    private void applyChunk(int chunk, int member) {
        kernels[member].apply(columns, x, matrix, chunk, c, out);
        if (f != null) {
            activate(chunk, member, out);
        }
    }

    /** First element of a chunk. */
    private long start(int chunk) {
        return columns.start(matrix, columns.firstWideRow(chunk));
    }

    private void activationChunk(int task, int member) {
        activate(task, member, x);
    }

    private void activate(int chunk, int member, Tensor from) {
        long end = columns.end(matrix, chunk);
        for (long at = start(chunk); at < end; at += Elements.BLOCK) {
            elements[member].activate(f, from, out, at, (int) Math.min(Elements.BLOCK, end - at));
        }
    }

    private void activationGradientChunk(int task, int member) {
        long end = columns.end(matrix, task);
        for (long at = start(task); at < end; at += Elements.BLOCK) {
            elements[member].gradient(f, dy, x, out, at, (int) Math.min(Elements.BLOCK, end - at));
        }
    }

    private void outputGradientChunk(int task, int member) {
        long end = columns.endWideRow(task);
        for (long row = columns.firstWideRow(task); row < end; row++) {
            int length = columns.lengthOf(row);
            for (int at = 0; at < length; at += Elements.BLOCK) {
                elements[member].outputGradient(f, dy, x, out, columns.start(matrix, row) + at,
                        Math.min(Elements.BLOCK, length - at), c, at, skipped);
            }
        }
    }

    private void gradientSumChunk(int task, int member) {
        kernels[member].gradientSums(columns, dy, x, matrix, firstChunk + task, c, first[task], second[task]);
    }

    private void gradientChunk(int chunk, int member) {
        kernels[member].gradientApply(columns, dy, x, matrix, chunk, c, out);
    }
}
