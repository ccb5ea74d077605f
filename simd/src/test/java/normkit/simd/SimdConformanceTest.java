package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same bits as the portable backend, at every vector size this CPU has, specialized or not. */
class SimdConformanceTest {

    @Test
    void itIsAvailableHere() {
        assertInstanceOf(Availability.Available.class, new SimdBackend().probe());
        assertEquals("simd", Backends.all().getFirst().backend().name());
    }

    @Test
    void itIsCleanAgainstTheOracle() {
        Report report = Conformance.full().run(new SimdBackend(), (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertTrue(report.rows().stream().allMatch(row -> row.declined().isEmpty()), report::text);
    }

    @Test
    void itHasTheBitsOfThePortableBackend() {
        compare(Conformance.full());
    }

    static List<String> sizes() {
        return List.of("128", "256", "512").stream().filter(bits -> Integer.parseInt(bits) <= VectorBits.get())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void itHasTheSameBitsAtEveryVectorSize(String bits) throws Exception {
        assertEquals("", Jvm.withVectors("-Dnormkit.vectorBits=" + bits).run(SimdConformanceTest.class));
    }

    @Test
    void itHasTheSameBitsUnspecialized() throws Exception {
        assertEquals("", Jvm.withVectors("-Dnormkit.specialize=false").run(SimdConformanceTest.class));
    }

    private static void compare(Conformance suite) {
        Backend scalar = Backends.named("scalar").backend();
        Report report = suite.compare(scalar, new SimdBackend(), (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertTrue(report.rows().stream().allMatch(row -> row.declined().isEmpty()), report::text);
    }

    /** In a JVM of its own. */
    public static void main(String[] args) {
        compare(Conformance.quick());
    }
}
