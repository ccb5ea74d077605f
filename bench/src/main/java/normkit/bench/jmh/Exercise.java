package normkit.bench.jmh;

import java.lang.foreign.MemorySegment;
import normkit.BatchNorm;
import normkit.bench.run.Memory;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.bench.run.Threads;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * One problem on one backend, ready to be timed: tensors filled, pass planned, results verified. Or, instead of a backend, a
 * copy of x to y.
 */
final class Exercise implements AutoCloseable {

    private final Home home;
    private final Tensors tensors;
    private final Problem problem;
    private PlannedPass pass;
    private Runnable work;

    private Exercise(Problem problem, Home home) {
        this.problem = problem;
        this.home = home;
        this.tensors = new Tensors(home);
    }

    /** Makes an exercise in native memory of all threads; see {@link #of(Problem, String, int, int, Home)}. */
    static Exercise of(Problem problem, String backend, int threads, int degree) {
        return of(problem, backend, threads, degree, Home.SHARED);
    }

    /**
     * Makes an exercise.
     *
     * @param problem what to solve
     * @param backend name of a backend, or {@link NormBenchmark#COPY}
     * @param threads number of threads that make one each
     * @param degree number of threads that share a call of each
     * @param home where its tensors are
     * @return the exercise; the caller closes it
     * @throws IllegalStateException if there is not enough memory, or the backend is not available, declines the problem or is
     *         wrong
     */
    static Exercise of(Problem problem, String backend, int threads, int degree, Home home) {
        Memory.require(Memory.need(problem, threads));
        Exercise exercise = new Exercise(problem, home);
        try {
            exercise.prepare(backend, Threads.of(degree));
            return exercise;
        } catch (RuntimeException | Error e) {
            exercise.close();
            throw e;
        }
    }

    private void prepare(String backend, Parallelism parallelism) {
        Tensor x = tensors.filled(problem.x());
        Tensor y = tensors.zeros(problem.x());
        if (backend.equals(NormBenchmark.COPY)) {
            MemorySegment from = Home.memory(x);
            MemorySegment to = Home.memory(y);
            work = () -> MemorySegment.copy(from, 0, to, 0, problem.x().byteSize());
            return;
        }
        pass = PlannedPass.of(problem, BatchNorm.create(), backend, parallelism);
        Operands operands = operands(x, y);
        Verification.require(problem, backend, pass, operands, home);
        work = () -> pass.run(operands);
    }

    private Operands operands(Tensor x, Tensor y) {
        Tensor scale = tensors.filled(problem.parameterSpec());
        Tensor shift = problem.hasShift() ? tensors.filled(problem.parameterSpec()) : null;
        Tensor mean = problem.operation().centred() ? tensors.filled(problem.statisticsSpec()) : null;
        Tensor rstd = tensors.positive(problem.statisticsSpec());
        Statistics statistics = Statistics.meanAndRstd(mean, rstd);
        if (!problem.pass().backward()) {
            return Operands.forward(x, scale, shift, statistics, null, y);
        }
        Tensor dscale = tensors.zeros(problem.parameterSpec());
        Tensor dshift = problem.hasShift() ? tensors.zeros(problem.parameterSpec()) : null;
        saveStatistics(Operands.forward(x, scale, shift, statistics, null, y));
        return Operands.backward(tensors.filled(problem.x()), x, scale, statistics, y, dscale, dshift);
    }

    /** Makes the statistics those of x, as a gradient that assumes it may be computed differently. */
    private void saveStatistics(Operands operands) {
        Problem forward = new Problem(problem.operation(), Pass.FORWARD, problem.x(), problem.normalizedRank(),
                problem.groups(), problem.hasScale(), problem.hasShift(), problem.epsilon());
        try (PlannedPass save = PlannedPass.of(forward, BatchNorm.create(), "scalar")) {
            save.run(operands);
        }
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
        tensors.close();
    }
}
