package normkit.bench.jmh;

import java.util.concurrent.TimeUnit;
import normkit.bench.run.WarmUp;
import normkit.bench.run.Workload;
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
 * One pass of one operation, or, instead of a backend, a plain copy of its tensor. Several threads are several callers, each
 * with its own tensors and plan.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class NormBenchmark {

    /** The backend that is none: copies x to y. */
    public static final String COPY = "copy";

    /** What is normalized together. */
    @Param("layer_norm")
    public String operation;

    /** Direction. */
    @Param("forward")
    public String pass;

    /** {@code rows}, {@code ncx} or {@code nxc}. */
    @Param("rows")
    public String layout;

    /** Axis lengths in memory order. */
    @Param("256x768")
    public String shape;

    /** Groups of channels; 0 where there are none. */
    @Param("0")
    public String groups;

    /** Number of threads that share a call, as far as the backend can divide it; a copy takes one. */
    @Param("1")
    public int degree;

    /** What runs it: a backend or {@link #COPY}. */
    @Param({COPY, "scalar", "simd", "onednn"})
    public String backend;

    private Exercise exercise;

    /** Made by JMH. */
    public NormBenchmark() {
    }

    /**
     * Fills the tensors, plans the pass, verifies it, and runs it until it is compiled.
     *
     * @param run how it is run
     * @throws IllegalArgumentException if the parameters name no problem
     * @throws IllegalStateException if there is not enough memory, or the backend is not available, declines the problem or is
     *         wrong
     */
    @Setup
    public void prepare(BenchmarkParams run) {
        exercise = Exercise.of(new Workload(operation, pass, layout, shape, groups).problem(), backend,
                run.getThreads(), degree);
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
