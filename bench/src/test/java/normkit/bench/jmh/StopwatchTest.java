package normkit.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import normkit.bench.WrongBackend;
import normkit.dispatch.Backends;
import normkit.spi.Support;
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

    @Test
    void neverTimesAWrongResult() {
        RunnerException e = assertThrows(RunnerException.class,
                () -> Stopwatch.microseconds(Workload.LN_BERT, WrongBackend.NAME, Duration.ofMillis(90)));
        assertTrue(e.getMessage().contains("wrong is wrong, so it is not timed: y[0] is 0.0; scalar computes "),
                e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void everyWorkloadIsVerifiedAndRuns(Workload workload) {
        List<String> backends = new ArrayList<>(List.of(NormBenchmark.COPY));
        Backends.all().stream().filter(Backends.Probed::available).map(Backends.Probed::backend)
                .filter(b -> !b.name().equals(WrongBackend.NAME))
                .filter(b -> b.supports(workload.problem()) instanceof Support.Supported)
                .forEach(b -> backends.add(b.name()));
        for (String backend : backends) {
            NormBenchmark benchmark = new NormBenchmark();
            benchmark.workload = workload;
            benchmark.backend = backend;
            benchmark.prepare();
            benchmark.run();
            benchmark.close();
        }
    }
}
