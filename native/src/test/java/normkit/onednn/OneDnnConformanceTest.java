package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.conformance.Values;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.DataType;
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

    /** The backend with its best known fault switched on. */
    private static final class WithRmsGradient implements Backend {

        private final OneDnnBackend backend = new OneDnnBackend();

        @Override
        public String name() {
            return "onednn with the gradient of RMS norm";
        }

        @Override
        public int priority() {
            return 0;
        }

        @Override
        public Availability probe() {
            return backend.probe();
        }

        @Override
        public Support supports(Problem problem) {
            return new Support.Supported("not declined");
        }

        @Override
        public Execution prepare(Problem problem) {
            return new OneDnnExecution(problem, 1);
        }
    }

    @Test
    void theSuiteFindsTheFaultInTheGradientOfRmsNorm() {
        Report report = Conformance.full().tolerance(OneDnnBackend.tolerance())
                .only(c -> c.operation() == Operation.RMS_NORM && c.pass() == Pass.BACKWARD && c.type() == DataType.F32
                        && !c.fusion().any() && c.epsilon() > 0 && c.problem().setSize() > 1
                        && c.values() == Values.NORMAL)
                .run(new WithRmsGradient(), (done, of) -> {});
        assertFalse(report.clean());
        assertTrue(report.failures().stream().anyMatch(f -> f.output().equals("dx")), report::text);
    }
}
