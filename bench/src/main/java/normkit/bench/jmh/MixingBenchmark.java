package normkit.bench.jmh;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import normkit.bench.run.WarmUp;
import normkit.bench.run.Workload;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whether the first plan of a process keeps its speed when the process runs all kinds of other things afterwards. The plan is
 * warmed and timed; then, if {@link #mixed}, comes a varied load in the same JVM; then it is timed again, by JMH and once more
 * as at first. A line before each fork's end tells both times and their ratio, which should be 1.2 at most, and what is
 * allocated, which should be nothing: vectors that have become objects show there.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class MixingBenchmark {

    private static final Duration EACH = Duration.ofMillis(5);

    /** Whether something else runs in between; if not, the ratio tells what comes of itself. */
    @Param({"false", "true"})
    public boolean mixed;

    /** Where the first plan's tensors are: {@code heap} or {@code native}. */
    @Param({"heap", "native"})
    public String carrier;

    /** {@code layer_norm}, {@code batch_norm} (channels-first) or {@code rms_norm}. */
    @Param({"layer_norm", "batch_norm", "rms_norm"})
    public String operation;

    /** Direction. */
    @Param("forward")
    public String pass;

    /** Name of the backend. */
    @Param({"simd", "scalar"})
    public String backend;

    private Exercise exercise;
    private Speed first;

    /** Made by JMH. */
    public MixingBenchmark() {
    }

    /**
     * Plans, verifies and times the first plan, then runs what comes in between.
     *
     * @throws InterruptedException if that is interrupted
     * @throws IllegalArgumentException if the parameters name no problem
     * @throws IllegalStateException if the backend is not available, declines the problem or is wrong
     */
    @Setup
    public void prepare() throws InterruptedException {
        exercise = Exercise.of(workload().problem(), backend, 1, 1, home());
        WarmUp.of(exercise::run);
        first = Speed.of(exercise);
        if (mixed) {
            MixedLoad.run(backend, EACH);
        }
    }

    private Workload workload() {
        return switch (operation) {
            case "layer_norm", "rms_norm" -> new Workload(operation, pass, "rows", "256x768", "0");
            case "batch_norm" -> new Workload(operation, pass, "ncx", "8x32x28x28", "0");
            default -> throw new IllegalArgumentException(
                    "operation is " + operation + "; it must be layer_norm, batch_norm or rms_norm");
        };
    }

    private Home home() {
        return switch (carrier) {
            case "heap" -> Home.HEAP;
            case "native" -> Home.SHARED;
            default -> throw new IllegalArgumentException("carrier is " + carrier + "; it must be heap or native");
        };
    }

    /** Runs the first plan once. */
    @Benchmark
    public void run() {
        exercise.run();
    }

    /** Times it as at first, prints how it went, and frees everything. */
    @TearDown
    public void close() {
        Speed last = Speed.of(exercise);
        System.out.printf(Locale.ROOT,
                "%n%s, %s, %s: %.1f us and %d bytes at first, %.1f us and %d bytes %s: %.2f times as long%n",
                workload(), carrier, backend, first.micros(), first.bytes(), last.micros(), last.bytes(),
                mixed ? "after a mixed load" : "later", last.micros() / first.micros());
        exercise.close();
    }
}
