package normkit.bench.study;

import java.time.Duration;
import java.util.List;
import normkit.bench.run.WarmUp;

/**
 * How long each row may take. Without a limit all take what it takes for figures to publish; with a limit, what is left of it
 * is dealt out evenly.
 */
final class Schedule {

    private static final Duration LONGEST = Duration.ofSeconds(2);
    /** Five measurements of which each is some runs long, or, of large tensors, one. */
    private static final Duration SHORTEST = Duration.ofMillis(350);
    /** What a study does besides timing, and what is done before it. A guess, so that a machine has the same rows each time. */
    private static final Duration PREPARATION = Duration.ofSeconds(10);
    /** Start of a JVM, and {@link WarmUp}. */
    private static final Duration START = Duration.ofMillis(1000);
    /** Filling and verifying tensors, mostly in code that is not compiled yet. */
    private static final double NANOS_PER_BYTE = 1.5;
    private static final double MEMORY = 8;

    private final int forks;
    private final Duration limit;
    private final long start;
    /** What starting takes here, in that of a usual machine; it shows with the first rows. */
    private double slowness = 1;

    /** With the time, as of {@link System#nanoTime()}, the limit counts from; a null limit is none. */
    Schedule(int forks, Duration limit, long start) {
        this.forks = forks;
        this.limit = limit;
        this.start = start;
    }

    /** How to measure the next of the rows that are left. */
    Pace pace(List<Job> left, long now) {
        if (limit == null) {
            return Pace.thorough(forks);
        }
        Duration share =
                limit.minusNanos(now - start).minus(starting(left)).dividedBy(Math.max(1, (long) left.size() * forks));
        return Pace.of(forks,
                share.compareTo(LONGEST) > 0 ? LONGEST : share.compareTo(SHORTEST) < 0 ? SHORTEST : share);
    }

    private Duration starting(List<Job> jobs) {
        double nanos = jobs.stream().mapToDouble(Schedule::usualStart).sum();
        return Duration.ofNanos(Math.round(nanos * slowness * forks));
    }

    private static double usualStart(Job job) {
        return START.toNanos() + job.memory() * NANOS_PER_BYTE;
    }

    /** Learns from what a row took how long it takes to start. */
    void took(Job job, Pace pace, Duration time) {
        double now = time.minus(pace.total()).toNanos() / (usualStart(job) * forks);
        slowness += (Math.max(0, now) - slowness) / MEMORY;
    }

    /** Whether there is time to measure rows well. */
    boolean fits(List<Job> jobs) {
        return limit == null || Pace.of(forks, SHORTEST).total().multipliedBy(jobs.size()).plus(starting(jobs))
                .compareTo(limit.minus(PREPARATION)) <= 0;
    }

    /** Whether there is no time for another row. */
    boolean isOver(long now) {
        return limit != null && limit.minusNanos(now - start).isNegative();
    }

    /** How long the rows that are left will take. */
    Duration left(List<Job> left, long now) {
        return pace(left, now).total().multipliedBy(left.size()).plus(starting(left));
    }
}
