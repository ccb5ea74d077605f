package normkit.bench.study;

import java.time.Duration;
import normkit.bench.run.WarmUp;

/**
 * How long a row is measured.
 *
 * @param forks number of JVMs, one after another
 * @param warmup the iteration in each that does not count; for JMH's own loop: benchmarks come to it warm, see {@link WarmUp}
 * @param measurement how long each of the {@value #MEASUREMENTS} iterations takes that count
 */
record Pace(int forks, Duration warmup, Duration measurement) {

    /** Iterations in each JVM that count. */
    static final int MEASUREMENTS = 5;
    /** How many of them a warmup lasts. */
    private static final int WARMUP = 2;

    /** For figures to publish. */
    static Pace thorough(int forks) {
        return of(forks, Duration.ofMillis(1500));
    }

    /** Within a time for each JVM, not counting its start. */
    static Pace of(int forks, Duration time) {
        Duration share = Duration.ofMillis(Math.max(1, time.toMillis() / (WARMUP + MEASUREMENTS)));
        return new Pace(forks, share.multipliedBy(WARMUP), share);
    }

    /** All of it, but for the start of the JVMs. */
    Duration total() {
        return warmup.plus(measurement.multipliedBy(MEASUREMENTS)).multipliedBy(forks);
    }
}
