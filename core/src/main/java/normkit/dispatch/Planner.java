package normkit.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import normkit.spi.Availability;
import normkit.spi.Problem;
import normkit.spi.Support;

/** Chooses a backend for a problem: the one that is forced, or the preferred one of those that support it. */
public final class Planner {

    private Planner() {
    }

    /**
     * Chooses.
     *
     * @param problem what to solve
     * @param backend name of the backend to force, or null to follow the process's setting or choose freely
     * @return the decision
     * @throws IllegalArgumentException if no backend has the forced name
     * @throws IllegalStateException if the forced backend is not available or declines; it never falls back silently
     */
    public static Decision decide(Problem problem, String backend) {
        Objects.requireNonNull(problem, "problem");
        String forced = backend != null ? backend : Backends.forced();
        List<Decision.Candidate> candidates = new ArrayList<>();
        Backends.Probed winner = null;
        String implementation = null;
        for (Backends.Probed probed : Backends.all()) {
            Decision.Candidate candidate = ask(probed, problem);
            candidates.add(candidate);
            boolean eligible = forced == null || probed.backend().name().equals(forced);
            if (winner == null && eligible && candidate.supported()) {
                winner = probed;
                implementation = candidate.detail();
            }
        }
        if (winner == null) {
            throw refusal(problem, forced, candidates);
        }
        String source =
                forced != null ? "it is forced" : "it is the preferred backend of those that support the problem";
        return new Decision(problem, List.copyOf(candidates), winner.backend(), implementation, source);
    }

    private static Decision.Candidate ask(Backends.Probed probed, Problem problem) {
        String name = probed.backend().name();
        if (probed.availability() instanceof Availability.Unavailable unavailable) {
            return new Decision.Candidate(name, false, "not available: " + unavailable.reason());
        }
        return switch (probed.backend().supports(problem)) {
            case Support.Supported s -> new Decision.Candidate(name, true, s.implementation());
            case Support.Declined d -> new Decision.Candidate(name, false, d.reason());
        };
    }

    private static RuntimeException refusal(Problem problem, String forced, List<Decision.Candidate> candidates) {
        if (forced == null) {
            return new IllegalStateException("no backend supports " + problem + ": " + candidates);
        }
        Backends.named(forced);
        String reason = candidates.stream().filter(c -> c.backend().equals(forced)).findFirst().orElseThrow().detail();
        return new IllegalStateException(
                "backend '" + forced + "' is forced but cannot run " + problem + ": " + reason);
    }
}
