package normkit.bench.limits;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A way to go through memory. */
public enum Route {
    /** Loads and ordinary stores; a store past the caches first reads the line it overwrites. */
    COPY(2) {
        @Override
        long run(MemorySegment from, MemorySegment to, long value) {
            VectorStream.copy(from, to);
            return value;
        }
    },
    /** Loads only. */
    READ(1) {
        @Override
        long run(MemorySegment from, MemorySegment to, long value) {
            return VectorStream.read(from);
        }
    },
    /** Ordinary stores only. */
    WRITE(1) {
        @Override
        long run(MemorySegment from, MemorySegment to, long value) {
            VectorStream.write(to, value);
            return value;
        }
    },
    /**
     * {@link MemorySegment#copy}, the one thing in Java that stores past the caches: HotSpot's copy stub takes non-temporal
     * stores from 2.5 MiB on where vectors have 512 bits; smaller copies and other CPUs get ordinary ones.
     */
    STREAMING_COPY(2) {
        @Override
        long run(MemorySegment from, MemorySegment to, long value) {
            MemorySegment.copy(from, 0, to, 0, from.byteSize());
            return value;
        }
    };

    private static final long PAGE = 4096;

    private final int blocks;

    Route(int blocks) {
        this.blocks = blocks;
    }

    /** Goes once through all blocks; returns something that depends on what was read. */
    abstract long run(MemorySegment from, MemorySegment to, long value);

    /** Allocates one of the blocks, with every page touched. */
    MemorySegment block(long workingSet, Arena arena) {
        return arena.allocate(workingSet / blocks, PAGE).fill((byte) 1);
    }

    /**
     * Returns the name in result files.
     *
     * @return for example {@code streaming-copy}
     */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the way of a name.
     *
     * @param name for example {@code streaming-copy}
     * @return the way
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Route named(String name) {
        return Arrays.stream(values()).filter(route -> route.toString().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind is " + name + "; it must be one of "
                        + Arrays.stream(values()).map(Route::toString).collect(Collectors.joining(", "))));
    }
}
