package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import normkit.spi.Support;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector kernels that threads share give the bits of the portable ones on one thread. */
class ParallelBitsTest {

    /** The backend with every execution shared. */
    private record Shared(Backend backend, Parallelism parallelism) implements Backend {

        @Override
        public String name() {
            return backend.name() + " on " + parallelism.degree() + " threads";
        }

        @Override
        public int priority() {
            return backend.priority();
        }

        @Override
        public Availability probe() {
            return backend.probe();
        }

        @Override
        public Support supports(Problem problem) {
            return backend.supports(problem);
        }

        @Override
        public boolean fuses() {
            return backend.fuses();
        }

        @Override
        public Execution prepare(Problem problem) {
            return backend.prepare(problem, parallelism);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8, 64})
    void everyDegreeGivesTheBitsOfThePortableBackend(int degree) {
        try (ExecutorService pool = Executors.newFixedThreadPool(Math.min(degree, 8))) {
            compare(new Parallelism(pool, degree));
        }
    }

    private static void compare(Parallelism parallelism) {
        Backend scalar = Backends.named("scalar").backend();
        Report report = Conformance.quick().shared().compare(scalar, new Shared(new SimdBackend(), parallelism),
                (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertTrue(report.rows().stream().allMatch(row -> row.declined().isEmpty()), report::text);
    }
}
