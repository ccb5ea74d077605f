package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.spi.Availability;
import org.junit.jupiter.api.Test;

/** oneDNN against the oracle, within the bound that is documented for it. */
class OneDnnConformanceTest {

    @Test
    void itIsCleanWithinItsBound() {
        OneDnnBackend backend = new OneDnnBackend();
        assertInstanceOf(Availability.Available.class, backend.probe());
        Report report = Conformance.full().tolerance(OneDnnBackend.tolerance()).run(backend, (done, of) -> {});
        assertTrue(report.clean(), report::text);
    }
}
