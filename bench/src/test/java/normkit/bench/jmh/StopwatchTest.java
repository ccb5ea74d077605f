package normkit.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.RunnerException;

class StopwatchTest {

    @Test
    void timesAWorkload() throws RunnerException {
        double time = Stopwatch.microseconds(Workload.RMS_LLAMA_TOKEN, "scalar", Duration.ofMillis(90));
        assertTrue(time > 0 && Double.isFinite(time), time + " µs");
    }

    @Test
    void tellsWhyARunFailed() {
        RunnerException e = assertThrows(RunnerException.class,
                () -> Stopwatch.microseconds(Workload.RMS_LLAMA_TOKEN, "abacus", Duration.ofMillis(90)));
        assertTrue(e.getMessage().contains("no backend is named 'abacus'"), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void everyWorkloadRuns(Workload workload) {
        for (String backend : new String[] {NormBenchmark.COPY, "scalar"}) {
            NormBenchmark benchmark = new NormBenchmark();
            benchmark.workload = workload;
            benchmark.backend = backend;
            benchmark.prepare();
            benchmark.run();
            benchmark.close();
        }
    }
}
