package normkit.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import normkit.BatchNorm;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One pass on the shape of a real model, or, instead of a backend, a plain copy of its tensor. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class NormBenchmark {

    /** The backend that is none: copies x to y. */
    public static final String COPY = "copy";

    private static final long SEED = 20_260_101;

    /** What is run. */
    @Param
    public Workload workload;

    /** What runs it. */
    @Param({COPY, "scalar", "simd", "onednn"})
    public String backend;

    private Arena arena;
    private PlannedPass pass;
    private Runnable work;

    /** Made by JMH. */
    public NormBenchmark() {
    }

    /**
     * Fills the tensors, plans the pass and verifies it.
     *
     * @throws IllegalStateException if the backend is not available, declines the problem or is wrong
     */
    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        Random random = new Random(SEED);
        Problem problem = workload.problem();
        Tensor x = filled(problem.x(), random);
        Tensor y = Tensor.allocate(problem.x(), arena);
        if (backend.equals(COPY)) {
            work = () -> MemorySegment.copy(x.segment(), 0, y.segment(), 0, problem.x().byteSize());
            return;
        }
        pass = PlannedPass.of(problem, BatchNorm.create(), backend);
        Operands operands = operands(problem, x, y, random);
        Verification.require(problem, backend, pass, operands);
        work = () -> pass.run(operands);
    }

    private Operands operands(Problem problem, Tensor x, Tensor y, Random random) {
        Tensor scale = filled(problem.parameterSpec(), random);
        Tensor shift = problem.hasShift() ? filled(problem.parameterSpec(), random) : null;
        Tensor mean = problem.operation().centred() ? filled(problem.statisticsSpec(), random) : null;
        // Any spread will do, as long as it is above 0.
        Tensor rstd = Tensor.allocate(problem.statisticsSpec(), arena);
        for (long i = 0; i < rstd.spec().elements(); i++) {
            rstd.set(i, 1 + random.nextDouble());
        }
        Statistics statistics = Statistics.meanAndRstd(mean, rstd);
        if (problem.pass() == Pass.FORWARD || problem.pass() == Pass.INFERENCE) {
            return Operands.forward(x, scale, shift, statistics, null, y);
        }
        Tensor dscale = Tensor.allocate(problem.parameterSpec(), arena);
        Tensor dshift = problem.hasShift() ? Tensor.allocate(problem.parameterSpec(), arena) : null;
        saveStatistics(problem, Operands.forward(x, scale, shift, statistics, null, y));
        return Operands.backward(filled(problem.x(), random), x, scale, statistics, y, dscale, dshift);
    }

    /** Makes the statistics those of x, as a gradient that assumes it may be computed differently. */
    private static void saveStatistics(Problem problem, Operands operands) {
        Problem forward = new Problem(problem.operation(), Pass.FORWARD, problem.x(), problem.normalizedRank(),
                problem.groups(), problem.hasScale(), problem.hasShift(), problem.epsilon());
        try (PlannedPass save = PlannedPass.of(forward, BatchNorm.create(), "scalar")) {
            save.run(operands);
        }
    }

    private Tensor filled(TensorSpec spec, Random random) {
        Tensor tensor = Tensor.allocate(spec.as(DataType.F32), arena);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextGaussian());
        }
        return tensor;
    }

    /** Runs it once. */
    @Benchmark
    public void run() {
        work.run();
    }

    /** Frees everything. */
    @TearDown
    public void close() {
        if (pass != null) {
            pass.close();
        }
        arena.close();
    }
}
