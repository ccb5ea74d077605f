package normkit.bench.limits;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/**
 * How fast memory is read, written and copied, by size of what is touched. One run touches each byte of the working set once,
 * half of it as source and half as target of a copy. Several threads have a working set each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BandwidthBenchmark {

    /** Name of a {@link Route}. */
    @Param({"copy", "read", "write", "streaming-copy"})
    public String kind;

    /** Bytes touched by a thread; a multiple of 1024. */
    @Param({"16384", "65536", "262144", "1048576", "4194304", "16777216", "67108864", "268435456"})
    public long workingSet;

    private Arena arena;
    private Route route;
    private MemorySegment from;
    private MemorySegment to;
    private long value;

    /** Made by JMH. */
    public BandwidthBenchmark() {
    }

    /**
     * Allocates, and runs it until it is compiled.
     *
     * @throws IllegalArgumentException if there is no such kind, or the working set is not a multiple of 1024
     */
    @Setup
    public void prepare() {
        route = Route.named(kind);
        if (workingSet <= 0 || workingSet % (2 * VectorStream.STEP) != 0) {
            throw new IllegalArgumentException(
                    "workingSet is " + workingSet + "; it must be a multiple of " + 2 * VectorStream.STEP);
        }
        arena = Arena.ofShared();
        from = route.block(workingSet, arena);
        to = route.block(workingSet, arena);
        WarmUp.of(this::run);
    }

    /**
     * Goes through memory once.
     *
     * @return something that depends on it
     */
    @Benchmark
    public long run() {
        value = route.run(from, to, value + 1);
        return value;
    }

    /** Frees the memory. */
    @TearDown
    public void close() {
        arena.close();
    }
}
