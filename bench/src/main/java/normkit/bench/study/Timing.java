package normkit.bench.study;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Times jobs with JMH, each in JVMs of its own, so that no profile of another one colours it. */
final class Timing {

    /**
     * A JVM that compiles in the background may still be at it when measuring begins: a kernel of a microsecond, which is as
     * fast as it gets after half a second with this, was still on its way after a second and a half without. In the end, both
     * are as fast.
     */
    private static final String COMPILE_AT_ONCE = "-Xbatch";

    static {
        // JMH's lock is a file in the temporary directory, which another user may own.
        System.setProperty("jmh.ignoreLock", "true");
    }

    private Timing() {
    }

    /**
     * Times a job.
     *
     * @return its row as JMH's JSON format has it
     * @throws RunnerException if the run failed; the message is the failure's own
     */
    static JsonObject run(Job job, Pace pace) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().include("^" + Pattern.quote(job.benchmark().getName()) + "\\.run$")
                        .forks(pace.forks()).threads(job.threads()).warmupIterations(1).warmupTime(time(pace.warmup()))
                        .measurementIterations(Pace.MEASUREMENTS).measurementTime(time(pace.measurement()))
                        .timeUnit(TimeUnit.MICROSECONDS).addProfiler(GCProfiler.class).shouldFailOnError(true);
        options.jvmArgsAppend(COMPILE_AT_ONCE);
        job.params().forEach(options::param);
        QuietFormat format = new QuietFormat();
        try {
            return json(new Runner(options.build(), format).run());
        } catch (RunnerException e) {
            throw new RunnerException(format.complaint(), e);
        }
    }

    private static TimeValue time(Duration duration) {
        return TimeValue.milliseconds(duration.toMillis());
    }

    private static JsonObject json(Collection<RunResult> results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
        out.flush();
        return JsonParser.parseString(bytes.toString(StandardCharsets.UTF_8)).getAsJsonArray().get(0).getAsJsonObject();
    }
}
