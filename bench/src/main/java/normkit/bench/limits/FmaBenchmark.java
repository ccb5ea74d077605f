package normkit.bench.limits;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import normkit.bench.run.WarmUp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How many fused multiply-adds the CPU does at best: vectors in registers, no memory, enough of them at a time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FmaBenchmark {

    private static final int SMALLEST = 128;

    /** Element type: {@code f32} or {@code f64}. */
    @Param({"f32", "f64"})
    public String type;

    /** Size of a vector. */
    @Param({"128", "256", "512"})
    public int bits;

    private Peak peak;

    /** Made by JMH. */
    public FmaBenchmark() {
    }

    /**
     * Returns the sizes of vectors this CPU has.
     *
     * @return bits, ascending
     */
    public static IntStream widths() {
        return IntStream.iterate(SMALLEST, bits -> bits <= VectorStream.BITS, bits -> 2 * bits);
    }

    /**
     * Returns what one run does.
     *
     * @param type element type
     * @param bits size of a vector
     * @return floating-point operations; a multiply-add counts as two
     */
    public static long operations(String type, int bits) {
        return Peak.operations(bits / (type.equals("f32") ? Float.SIZE : Double.SIZE));
    }

    /**
     * Makes the chains, and runs them until they are compiled.
     *
     * @throws IllegalArgumentException if there is no such type
     * @throws IllegalStateException if the CPU has no such vectors
     */
    @Setup
    public void prepare() {
        peak = Peak.of(type, bits);
        WarmUp.of(this::run);
    }

    /**
     * Runs them.
     *
     * @return something that depends on all of them
     */
    @Benchmark
    public double run() {
        return peak.run();
    }
}
