package normkit.bench.jmh;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import normkit.bench.run.WarmUp;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Forward passes over tensors of all sizes, from within the first cache to far beyond the last: layer norm over rows of 1024
 * elements (one shorter row below 4 KiB), and batch norm channels-last with 64 channels.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SweepBenchmark {

    private static final long SMALLEST = 1 << 10;
    private static final long LARGEST = 1 << 28;
    private static final long FACTOR = 4;
    private static final long ROW = 1024;
    private static final long CHANNELS = 64;

    /** {@code layer_norm} or {@code batch_norm}. */
    @Param({"layer_norm", "batch_norm"})
    public String operation;

    /** Size of x. */
    @Param({"1024", "4096", "16384", "65536", "262144", "1048576", "4194304", "16777216", "67108864", "268435456"})
    public long bytes;

    /** What runs it: a backend or {@link NormBenchmark#COPY}. */
    @Param({NormBenchmark.COPY, "scalar", "simd", "onednn"})
    public String backend;

    private Exercise exercise;

    /** Made by JMH. */
    public SweepBenchmark() {
    }

    /**
     * Returns the sizes of x.
     *
     * @return bytes, ascending
     */
    public static LongStream sizes() {
        return LongStream.iterate(SMALLEST, size -> size <= LARGEST, size -> size * FACTOR);
    }

    /**
     * Returns the problem.
     *
     * @param operation {@code layer_norm} or {@code batch_norm}
     * @param bytes size of x
     * @return a forward pass over that many bytes
     * @throws IllegalArgumentException if the operation is another one
     */
    public static Problem problem(String operation, long bytes) {
        long elements = bytes / Float.BYTES;
        long row = Math.min(ROW, elements);
        return switch (operation) {
            case "layer_norm" ->
                Workload.problem(Operation.LAYER_NORM, Pass.FORWARD, TensorSpec.rows(elements / row, row), 0);
            case "batch_norm" -> Workload.problem(Operation.BATCH_NORM, Pass.FORWARD,
                    TensorSpec.channelsLast(1, elements / CHANNELS, CHANNELS), 0);
            default -> throw new IllegalArgumentException(
                    "operation is " + operation + "; it must be layer_norm or batch_norm");
        };
    }

    /**
     * Fills the tensors, plans the pass, verifies it, and runs it until it is compiled.
     *
     * @param run how it is run
     * @throws IllegalArgumentException if the operation is another one
     * @throws IllegalStateException if there is not enough memory, or the backend is not available, declines the problem or is
     *         wrong
     */
    @Setup
    public void prepare(BenchmarkParams run) {
        exercise = Exercise.of(problem(operation, bytes), backend, run.getThreads(), 1);
        WarmUp.of(exercise::run);
    }

    /** Runs it once. */
    @Benchmark
    public void run() {
        exercise.run();
    }

    /** Frees everything. */
    @TearDown
    public void close() {
        exercise.close();
    }
}
