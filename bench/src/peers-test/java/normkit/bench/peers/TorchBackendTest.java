package normkit.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.conformance.Case;
import normkit.conformance.Report;
import normkit.conformance.Saved;
import normkit.conformance.Values;
import normkit.dispatch.Backends;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.Layout;
import org.junit.jupiter.api.Test;

class TorchBackendTest {

    private static boolean cancels(Case c) {
        return PeerSuite.grouped(c) && c.layout() == Layout.CHANNELS_LAST && c.pass() == Pass.FORWARD;
    }

    @Test
    void itIsRightButForGroupsChannelsLastFarFromZero() {
        Report report = PeerSuite.run(new TorchBackend(),
                c -> (c.operation() != Operation.RMS_NORM || c.saved() == Saved.NONE)
                        && !(cancels(c) && (PeerSuite.OFFSETS.contains(c.values()) || c.values() == Values.CONSTANT)));
        assertTrue(report.clean(), report::text);
    }

    @Test
    void theSuiteFindsThatGroupsChannelsLastTakeTheVarianceFromTheMeanOfSquares() {
        Report report = PeerSuite.run(new TorchBackend(), c -> cancels(c) && c.values() == Values.OFFSET_1E4);
        assertFalse(report.clean());
    }

    @Test
    void allPeersAreFoundAndRunOnlyByName() {
        for (String name : List.of("loop", "libtorch", "onnxruntime")) {
            Backends.Probed peer = Backends.named(name);
            assertTrue(peer.available(), peer::toString);
            assertTrue(peer.backend().onlyByName());
        }
        assertEquals(List.of(), Backends.failures());
    }
}
