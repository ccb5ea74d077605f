package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import normkit.bench.WrongBackend;
import normkit.dispatch.Decision;
import normkit.dispatch.Measurement;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.dispatch.Wisdom;
import normkit.spi.Problem;
import org.junit.jupiter.api.Test;

class RegretRowTest {

    private static final Problem PROBLEM = new Workload("layer_norm", "forward", "rows", "4x64", "0").problem();

    private final Decision best = forced("scalar");
    private final Decision worse = forced(WrongBackend.NAME);

    private static Decision forced(String backend) {
        return Planner.of(Wisdom.empty()).decide(PROBLEM, Request.DEFAULT.backend(backend));
    }

    private static RegretRow row(Decision estimate, Decision measure) {
        Map<String, Double> times = new LinkedHashMap<>();
        times.put("scalar", 100.0);
        times.put(WrongBackend.NAME, 125.0);
        return new RegretRow(PROBLEM, estimate, measure, new Measurement(times, Map.of()));
    }

    @Test
    void theWorseOfTheDecisionsTells() {
        assertEquals(1, row(best, null).worst());
        assertEquals(1.25, row(worse, null).worst());
        assertEquals(1, row(best, best).worst());
        assertEquals(1.25, row(worse, best).worst());
        assertEquals(1.25, row(best, worse).worst());
    }

    @Test
    void theChoiceOfAWrongBackendCannotBeWorse() {
        Measurement times = new Measurement(Map.of("scalar", 100.0), Map.of(WrongBackend.NAME, "wrong"));
        assertEquals(Double.POSITIVE_INFINITY, new RegretRow(PROBLEM, best, worse, times).worst());
    }
}
