package normkit.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How much processor time the host of a virtual machine gave to others, of the time that this machine wanted since an instance
 * was made. Times that were measured meanwhile are too long, and not by the same factor.
 *
 * <p>Linux counts it: the field {@code steal} of {@code proc_stat(5)}. Elsewhere, and where the host does not tell, it is
 * unknown.
 */
public final class StolenTime {

    private static final Path LINUX = Path.of("/proc/stat");
    /** What this is of the whole, and more, is worth a word. */
    private static final double NOTABLE = 0.02;
    private static final double PERCENT = 100;
    // Fields of the line "cpu", which is first. Those of guests, at its end, are in the first two already.
    private static final int IDLE = 4;
    private static final int WAITING = 5;
    private static final int STEAL = 8;

    private final Path counts;
    private final Optional<Count> start;

    /** Ticks since the machine was started. */
    private record Count(long wanted, long stolen) {

        static Optional<Count> read(Path file) {
            try {
                String[] fields = Files.readString(file).lines().findFirst().orElse("").trim().split("\\s+");
                if (fields.length <= STEAL) {
                    return Optional.empty();
                }
                long wanted = IntStream.rangeClosed(1, STEAL).filter(i -> i != IDLE && i != WAITING)
                        .mapToLong(i -> Long.parseLong(fields[i])).sum();
                return Optional.of(new Count(wanted, Long.parseLong(fields[STEAL])));
            } catch (IOException | NumberFormatException e) {
                return Optional.empty();
            }
        }

        double shareSince(Count earlier) {
            return wanted == earlier.wanted ? 0 : (double) (stolen - earlier.stolen) / (wanted - earlier.wanted);
        }
    }

    /** Counts from now on. */
    public StolenTime() {
        this(LINUX);
    }

    StolenTime(Path counts) {
        this.counts = counts;
        this.start = Count.read(counts);
    }

    /**
     * Returns what was stolen so far.
     *
     * @return 0 to 1 of what was wanted; empty if it is unknown
     */
    public OptionalDouble share() {
        return start.flatMap(from -> Count.read(counts).map(now -> now.shareSince(from))).map(OptionalDouble::of)
                .orElseGet(OptionalDouble::empty);
    }

    /**
     * Returns a sentence about a share.
     *
     * @param share 0 to 1, or empty if it is unknown
     * @return empty if it is less than 2 % or unknown
     */
    public static Optional<String> complaint(OptionalDouble share) {
        return share.isEmpty() || share.getAsDouble() < NOTABLE
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT,
                        "the host of this virtual machine gave %.0f%% of the processor time that was wanted to others; times "
                                + "are too long, and not all alike",
                        PERCENT * share.getAsDouble()));
    }
}
