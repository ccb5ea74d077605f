package normkit.conformance;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.scalar.ScalarBackend;
import normkit.spi.Availability;
import org.junit.jupiter.api.Test;

class ScalarConformanceTest {

    @Test
    void thePortableBackendIsCleanOverTheFullSuite() {
        ScalarBackend scalar = new ScalarBackend();
        assertInstanceOf(Availability.Available.class, scalar.probe());
        Report report = Conformance.full().run(scalar, (done, of) -> {});
        assertTrue(report.clean(), report::text);
        assertTrue(report.rows().stream().allMatch(row -> row.declined().isEmpty()), report::text);
        assertTrue(report.rows().stream().mapToInt(Report.Row::cases).sum() > 5000, report::text);
    }

    @Test
    void comparedWithItselfItHasTheSameBits() {
        Report report = Conformance.quick().compare(new ScalarBackend(), new ScalarBackend(), (done, of) -> {});
        assertTrue(report.clean(), report::text);
    }
}
