package normkit.bench.study;

import java.time.Duration;

/**
 * How long each row may take. Without a limit all take what it takes for figures to publish; with a limit, what is left of it
 * is dealt out evenly.
 */
final class Schedule {

    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration SHORTEST = Duration.ofMillis(200);
    /** Start of a JVM and filling of tensors; what it is here shows with the first rows. */
    private static final Duration USUAL_OVERHEAD = Duration.ofMillis(900);
    private static final int MEMORY = 5;

    private final int forks;
    private final Duration limit;
    private final long start;
    private Duration overhead = USUAL_OVERHEAD;

    /** With the time, as of {@link System#nanoTime()}, the limit counts from; a null limit is none. */
    Schedule(int forks, Duration limit, long start) {
        this.forks = forks;
        this.limit = limit;
        this.start = start;
    }

    /** How to measure the next of the rows that are left. */
    Pace pace(int left, long now) {
        if (limit == null) {
            return Pace.thorough(forks);
        }
        Duration share = limit.minusNanos(now - start).dividedBy((long) left * forks).minus(overhead);
        return Pace.of(forks,
                share.compareTo(LONGEST) > 0 ? LONGEST : share.compareTo(SHORTEST) < 0 ? SHORTEST : share);
    }

    /** Learns from what a row took how long it takes to start. */
    void took(Pace pace, Duration time) {
        Duration now = time.minus(pace.total()).dividedBy(pace.forks());
        overhead = overhead.multipliedBy(MEMORY - 1).plus(now).dividedBy(MEMORY);
    }

    /** Whether there is no time for another row. */
    boolean isOver(long now) {
        return limit != null && limit.minusNanos(now - start).isNegative();
    }

    /** How long the rows that are left will take. */
    Duration left(int left, long now) {
        return left == 0
                ? Duration.ZERO
                : pace(left, now).total().plus(overhead.multipliedBy(forks)).multipliedBy(left);
    }
}
