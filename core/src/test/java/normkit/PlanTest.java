package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.dispatch.Backends;
import normkit.dispatch.Carrier;
import normkit.dispatch.Decision;
import normkit.dispatch.Effort;
import normkit.spi.Parallelism;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a plan is made for, and what it says about itself. */
class PlanTest {

    static List<Subject> subjects() {
        return Subject.all();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void aPassThatWasNotPlannedIsRefusedByName(Subject subject) {
        PlanOptions forward = PlanOptions.DEFAULT.forwardOnly();
        PlanOptions backward = PlanOptions.DEFAULT.backwardOnly();
        boolean needsBackward = subject.pass().backward();
        try (Plan with = subject.plan(subject.small(), needsBackward ? backward : forward);
                Plan without = subject.plan(subject.small(), needsBackward ? forward : backward)) {
            Call.of(subject, with).run();
            Call call = Call.of(subject, without);
            var before = call.bits();
            String message = assertThrows(IllegalStateException.class, call::run).getMessage();
            assertTrue(message.contains("without " + subject.pass()) && message.contains("PlanOptions"), message);
            call.assertUnchanged(before);
        }
    }

    @Test
    void aPlanNeedsADirection() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> new PlanOptions(null, false, false, Effort.ESTIMATE, Carrier.NATIVE, false, Parallelism.NONE))
                .getMessage();
        assertTrue(message.contains("forward, backward or both"), message);
        assertEquals(new PlanOptions("scalar", true, false, Effort.ESTIMATE, Carrier.NATIVE, false, Parallelism.NONE),
                PlanOptions.DEFAULT.forwardOnly().backend("scalar"));
        assertEquals(new PlanOptions("scalar", false, true, Effort.ESTIMATE, Carrier.NATIVE, false, Parallelism.NONE),
                PlanOptions.DEFAULT.backend("scalar").backwardOnly());
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void explainNamesEveryPassAndEveryCandidate(Subject subject) {
        try (Plan plan = subject.plan(subject.small())) {
            Decision decision = plan.decisions().stream().filter(d -> d.problem().pass() == subject.pass()).findFirst()
                    .orElseThrow();
            assertEquals(Backends.all().stream().map(p -> p.backend().name()).toList(),
                    decision.candidates().stream().map(Decision.Candidate::backend).toList());
            String explanation = plan.explain();
            assertTrue(explanation.contains(decision.explain()), explanation);
            assertTrue(explanation.contains(subject.toString()), explanation);
            assertTrue(explanation.contains("runs on " + decision.chosen().name() + " (" + decision.implementation()),
                    explanation);
            for (Decision.Candidate candidate : decision.candidates()) {
                assertTrue(
                        decision.explain()
                                .contains("\n  " + candidate.backend() + ": "
                                        + (candidate.supported() ? "supported, " : "declined, ") + candidate.detail()),
                        explanation);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void aForcedBackendRuns(Subject subject) {
        try (Plan plan = subject.plan(subject.small(), PlanOptions.DEFAULT.backend("scalar"))) {
            for (Decision decision : plan.decisions()) {
                assertEquals("scalar", decision.chosen().name());
                assertEquals(Decision.Source.FORCED, decision.source());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void anUnknownBackendIsRefusedWithTheKnownOnes(Subject subject) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> subject.plan(subject.small(), PlanOptions.DEFAULT.backend("abacus"))).getMessage();
        assertTrue(message.contains("'abacus'") && message.contains("scalar"), message);
    }
}
