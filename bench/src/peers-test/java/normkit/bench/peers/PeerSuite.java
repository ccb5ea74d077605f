package normkit.bench.peers;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Set;
import java.util.function.Predicate;
import normkit.conformance.Case;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.conformance.Tolerance;
import normkit.conformance.Values;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Operation;

/** What peers of f32 arithmetic are held to. */
final class PeerSuite {

    static final Set<Values> OFFSETS = Set.of(Values.OFFSET_1E2, Values.OFFSET_1E4, Values.OFFSET_1E6);

    private PeerSuite() {
    }

    static Report run(Backend backend, Predicate<Case> filter) {
        assertInstanceOf(Availability.Available.class, backend.probe());
        String range = "squares leave the range of f32";
        String infinity = "statistics of infinities are not the defined ones";
        Tolerance bound = Tolerance.of(512, 4).leaving(Values.HUGE, range).leaving(Values.LARGEST, range)
                .leaving(Values.ONE_INFINITY, infinity).leaving(Values.ONE_NEGATIVE_INFINITY, infinity);
        return Conformance.quick().tolerance(bound).only(filter).run(backend, (done, of) -> {});
    }

    static boolean grouped(Case c) {
        return c.operation() == Operation.GROUP_NORM || c.operation() == Operation.INSTANCE_NORM;
    }
}
