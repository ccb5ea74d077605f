package normkit.bench.jmh;

import java.util.concurrent.TimeUnit;
import normkit.bench.run.WarmUp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One pass of one technique on the shape {@link TimedTechnique} has for it, or a plain copy of its tensor. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TechniqueBenchmark {

    /** What makes y. */
    public static final String FORWARD = "forward";
    /** What makes the gradients. */
    public static final String BACKWARD = "backward";
    /** The backend the planner chooses of those whose results are the defined ones, or the technique's own loops. */
    public static final String AUTO = "auto";

    /** A {@link TimedTechnique}. */
    @Param("batch_instance_norm")
    public String technique;

    /** Direction. */
    @Param({FORWARD, BACKWARD})
    public String pass;

    /** What runs it: {@link #AUTO}, a backend, or {@link NormBenchmark#COPY}. */
    @Param({NormBenchmark.COPY, AUTO})
    public String backend;

    /** Whether the results are known to be right, so that they need not be verified in every JVM. */
    @Param("false")
    public boolean verified;

    private TechniqueExercise exercise;

    /** Made by JMH. */
    public TechniqueBenchmark() {
    }

    /**
     * Fills the tensors, plans the pass, verifies it, and runs it until it is compiled.
     *
     * @throws IllegalArgumentException if there is no such technique, or it has no such pass or backend
     * @throws IllegalStateException if the result is wrong, or the backend is not available
     */
    @Setup
    public void prepare() {
        exercise = TechniqueExercise.of(TimedTechnique.of(technique), pass, backend, verified);
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
