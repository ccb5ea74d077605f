package normkit.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.conformance.Tolerance;
import normkit.conformance.Values;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

class LoopBackendTest {

    @Test
    void itIsRightUpToTheRoundingOfTheMean() {
        String infinity = "the mean square is infinite, too, and what is finite is divided by it";
        Tolerance bound = Tolerance.of(16, 2).leaving(Values.ONE_INFINITY, infinity)
                .leaving(Values.ONE_NEGATIVE_INFINITY, infinity);
        Report report = Conformance.quick().tolerance(bound).run(new LoopBackend(), (done, of) -> {});
        assertTrue(report.clean(), report::text);
    }

    @Test
    void itRunsByItsNameAndNotOtherwise() {
        LayerNorm norm = LayerNorm.over(8);
        TensorSpec spec = TensorSpec.rows(3, 8);
        try (var forced = norm.plan(spec, PlanOptions.DEFAULT.backend("loop")); var free = norm.plan(spec)) {
            assertTrue(forced.decisions().stream().allMatch(d -> d.chosen().name().equals("loop")), forced.explain());
            assertEquals(-1, free.explain().indexOf("loop"), free.explain());
        }
    }
}
