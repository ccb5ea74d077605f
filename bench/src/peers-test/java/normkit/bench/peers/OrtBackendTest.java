package normkit.bench.peers;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.conformance.Case;
import normkit.conformance.Report;
import normkit.conformance.Saved;
import normkit.conformance.Values;
import normkit.spi.Operation;
import normkit.spi.Pass;
import org.junit.jupiter.api.Test;

class OrtBackendTest {

    private static boolean tellsAll(Case c) {
        return c.operation() == Operation.LAYER_NORM || c.pass() == Pass.INFERENCE || c.saved() == Saved.NONE;
    }

    @Test
    void itIsRightButForGroupsFarFromZero() {
        Report report = PeerSuite.run(new OrtBackend(), c -> tellsAll(c)
                && !(c.operation() == Operation.GROUP_NORM && PeerSuite.OFFSETS.contains(c.values())));
        assertTrue(report.clean(), report::text);
    }

    @Test
    void theSuiteFindsThatGroupNormTakesTheVarianceFromTheMeanOfSquares() {
        Report report = PeerSuite.run(new OrtBackend(),
                c -> tellsAll(c) && c.operation() == Operation.GROUP_NORM && c.values() == Values.OFFSET_1E4);
        assertFalse(report.clean());
    }
}
