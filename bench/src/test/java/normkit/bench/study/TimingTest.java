package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import normkit.bench.WrongBackend;
import normkit.bench.limits.Route;
import normkit.bench.run.Workload;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.RunnerException;

class TimingTest {

    private static final Pace SHORT = Pace.of(1, Duration.ofMillis(90));
    private static final Workload TOKEN = new Workload("rms_norm", "forward", "rows", "1x4096", "0");

    @Test
    void givesARowAsJmhWritesIt() throws RunnerException {
        JsonObject json = Timing.run(Job.norm(TOKEN, "scalar", 2, 1), SHORT);
        assertEquals("avgt", json.get("mode").getAsString());
        assertEquals(1, json.get("forks").getAsInt());
        assertTrue(json.getAsJsonArray("jvmArgs").toString().endsWith("\"-Xbatch\"]"), json.toString());
        Row row = Row.of(json);
        assertTrue(row.isNorm());
        assertEquals(2, row.threads());
        assertEquals(TOKEN, row.workload());
        assertEquals("scalar", row.backend());
        assertEquals("us/op", row.unit());
        assertTrue(row.score() > 0 && Double.isFinite(row.score()), json.toString());
        assertTrue(row.error() >= 0, json.toString());
        assertTrue(row.allocated() >= 0, json.toString());
    }

    @Test
    void timesLimitsAndSweeps() throws RunnerException {
        for (Job job : new Job[] {Job.bandwidth(Route.STREAMING_COPY, 1 << 14, 1), Job.fma("f64", 128, 1),
            Job.sweep("batch_norm", 1024, "copy")}) {
            assertTrue(Row.of(Timing.run(job, SHORT)).score() > 0, job.toString());
        }
    }

    @Test
    void tellsWhyARunFailed() {
        RunnerException e =
                assertThrows(RunnerException.class, () -> Timing.run(Job.norm(TOKEN, "abacus", 1, 1), SHORT));
        assertTrue(e.getMessage().contains("no backend is named 'abacus'"), e.getMessage());
    }

    @Test
    void neverTimesAWrongResult() {
        Workload bert = new Workload("layer_norm", "forward", "rows", "256x768", "0");
        RunnerException e =
                assertThrows(RunnerException.class, () -> Timing.run(Job.norm(bert, WrongBackend.NAME, 1, 1), SHORT));
        assertTrue(e.getMessage().contains("wrong is wrong, so it is not timed: y[0] is 0.0; scalar computes "),
                e.getMessage());
    }
}
