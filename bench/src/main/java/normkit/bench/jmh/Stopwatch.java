package normkit.bench.jmh;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Times one workload on one backend with JMH, in a JVM of its own, so that no profile of another one colours it. */
public final class Stopwatch {

    private static final int WARMUPS = 2;
    private static final int MEASUREMENTS = 5;
    private static final int MEDIAN = 50;
    /** A warmup lasts as long as two measurements. */
    private static final int SHARES = 2 * WARMUPS + MEASUREMENTS;

    static {
        // JMH's lock is a file in the temporary directory, which another user may own.
        System.setProperty("jmh.ignoreLock", "true");
    }

    private Stopwatch() {
    }

    /**
     * Times.
     *
     * @param workload what to run
     * @param backend name of a backend, or {@link NormBenchmark#COPY}
     * @param budget how long to run it, warmup included but not the start of the JVM
     * @return the median of the measurements in µs
     * @throws RunnerException if the run failed; the message is the failure's own
     */
    public static double microseconds(Workload workload, String backend, Duration budget) throws RunnerException {
        TimeValue share = TimeValue.milliseconds(Math.max(1, budget.toMillis() / SHARES));
        Options options = new OptionsBuilder().include("^" + Pattern.quote(NormBenchmark.class.getName()) + "\\.run$")
                .param("workload", workload.name()).param("backend", backend).forks(1).threads(1)
                .warmupIterations(WARMUPS)
                .warmupTime(TimeValue.milliseconds(2 * share.convertTo(TimeUnit.MILLISECONDS)))
                .measurementIterations(MEASUREMENTS).measurementTime(share).timeUnit(TimeUnit.MICROSECONDS)
                .shouldFailOnError(true).build();
        QuietFormat format = new QuietFormat();
        try {
            Collection<RunResult> results = new Runner(options, format).run();
            return results.iterator().next().getPrimaryResult().getStatistics().getPercentile(MEDIAN);
        } catch (RunnerException e) {
            throw new RunnerException(format.complaint(), e);
        }
    }
}
