package normkit.bench.study;

import java.time.Duration;
import normkit.bench.run.WarmUp;

/**
 * How long a row is measured.
 *
 * @param forks number of JVMs, one after another
 * @param warmups iterations in each that do not count
 * @param warmup how long each of these takes
 * @param measurements iterations in each that count
 * @param measurement how long each of these takes
 */
record Pace(int forks, int warmups, Duration warmup, int measurements, Duration measurement) {

    /** For JMH's own loop: benchmarks come to it warm, as far as {@link WarmUp} can tell. */
    private static final int WARMUPS = 1;
    private static final int MEASUREMENTS = 5;
    /** How many measurements a warmup lasts. */
    private static final int WARMUP = 2;
    private static final int SHARES = WARMUP * WARMUPS + MEASUREMENTS;

    /** For figures to publish. */
    static Pace thorough(int forks) {
        return of(forks, Duration.ofMillis(1500));
    }

    /** Within a time for each JVM, not counting its start. */
    static Pace of(int forks, Duration time) {
        Duration share = Duration.ofMillis(Math.max(1, time.toMillis() / SHARES));
        return new Pace(forks, WARMUPS, share.multipliedBy(WARMUP), MEASUREMENTS, share);
    }

    /** All of it, but for the start of the JVMs. */
    Duration total() {
        return warmup.multipliedBy(warmups).plus(measurement.multipliedBy(measurements)).multipliedBy(forks);
    }
}
