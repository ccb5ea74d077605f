package normkit.bench.jmh;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import normkit.BatchNorm;
import normkit.bench.run.Memory;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.bench.run.Threads;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * One problem on one backend, ready to be timed: tensors filled, pass planned, results verified. Or, instead of a backend, a
 * copy of x to y.
 */
final class Exercise implements AutoCloseable {

    private static final long SEED = 20_260_101;
    /** Large tensors repeat what a block has; a prime, so that no two rows are equal. */
    private static final long BLOCK = 1_048_573;

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Problem problem;
    private PlannedPass pass;
    private Runnable work;

    private Exercise(Problem problem) {
        this.problem = problem;
    }

    /**
     * Makes an exercise.
     *
     * @param problem what to solve
     * @param backend name of a backend, or {@link NormBenchmark#COPY}
     * @param threads number of threads that make one each
     * @param degree number of threads that share a call of each
     * @return the exercise; the caller closes it
     * @throws IllegalStateException if there is not enough memory, or the backend is not available, declines the problem or is
     *         wrong
     */
    static Exercise of(Problem problem, String backend, int threads, int degree) {
        Memory.require(Memory.need(problem, threads));
        Exercise exercise = new Exercise(problem);
        try {
            exercise.prepare(backend, Threads.of(degree));
            return exercise;
        } catch (RuntimeException | Error e) {
            exercise.close();
            throw e;
        }
    }

    private void prepare(String backend, Parallelism parallelism) {
        Tensor x = filled(problem.x());
        Tensor y = allocate(problem.x());
        if (backend.equals(NormBenchmark.COPY)) {
            work = () -> MemorySegment.copy(x.segment(), 0, y.segment(), 0, problem.x().byteSize());
            return;
        }
        pass = PlannedPass.of(problem, BatchNorm.create(), backend, parallelism);
        Operands operands = operands(x, y);
        Verification.require(problem, backend, pass, operands);
        work = () -> pass.run(operands);
    }

    private Operands operands(Tensor x, Tensor y) {
        Tensor scale = filled(problem.parameterSpec());
        Tensor shift = problem.hasShift() ? filled(problem.parameterSpec()) : null;
        Tensor mean = problem.operation().centred() ? filled(problem.statisticsSpec()) : null;
        // Any spread will do, as long as it is above 0.
        Tensor rstd = allocate(problem.statisticsSpec());
        for (long i = 0; i < rstd.spec().elements(); i++) {
            rstd.set(i, 1 + random.nextDouble());
        }
        Statistics statistics = Statistics.meanAndRstd(mean, rstd);
        if (!problem.pass().backward()) {
            return Operands.forward(x, scale, shift, statistics, null, y);
        }
        Tensor dscale = allocate(problem.parameterSpec());
        Tensor dshift = problem.hasShift() ? allocate(problem.parameterSpec()) : null;
        saveStatistics(Operands.forward(x, scale, shift, statistics, null, y));
        return Operands.backward(filled(problem.x()), x, scale, statistics, y, dscale, dshift);
    }

    /** Makes the statistics those of x, as a gradient that assumes it may be computed differently. */
    private void saveStatistics(Operands operands) {
        Problem forward = new Problem(problem.operation(), Pass.FORWARD, problem.x(), problem.normalizedRank(),
                problem.groups(), problem.hasScale(), problem.hasShift(), problem.epsilon());
        try (PlannedPass save = PlannedPass.of(forward, BatchNorm.create(), "scalar")) {
            save.run(operands);
        }
    }

    private Tensor allocate(TensorSpec spec) {
        return Tensor.allocate(spec.as(DataType.F32), arena);
    }

    private Tensor filled(TensorSpec spec) {
        Tensor tensor = allocate(spec);
        MemorySegment segment = tensor.segment();
        long elements = spec.elements();
        long block = Math.min(elements, BLOCK);
        for (long i = 0; i < block; i++) {
            segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        for (long i = block; i < elements; i += block) {
            MemorySegment.copy(segment, 0, segment, i * Float.BYTES, Math.min(block, elements - i) * Float.BYTES);
        }
        return tensor;
    }

    /** Runs it once. */
    void run() {
        work.run();
    }

    /** Frees everything. */
    @Override
    public void close() {
        if (pass != null) {
            pass.close();
        }
        arena.close();
    }
}
