package normkit.dispatch;

import java.util.List;
import java.util.stream.Collectors;
import normkit.spi.Backend;
import normkit.spi.Problem;

/**
 * Which backend solves a problem, and why.
 *
 * @param problem the problem
 * @param candidates every backend with its answer, the preferred first
 * @param chosen the winner
 * @param implementation name of the implementation that will run
 * @param source where the decision came from, in words for a person
 */
public record Decision(Problem problem, List<Candidate> candidates, Backend chosen, String implementation,
        String source) {

    /**
     * A backend's answer.
     *
     * @param backend its name
     * @param supported whether it could solve the problem
     * @param detail the implementation's name, or the reason why not
     */
    public record Candidate(String backend, boolean supported, String detail) {}

    /**
     * Explains the decision in a few lines of plain text.
     *
     * @return the problem, the winner, then a line per candidate
     */
    public String explain() {
        return problem + "\n  runs on " + chosen.name() + " (" + implementation + "): " + source + "\n"
                + candidates.stream().map(
                        c -> "  " + c.backend() + ": " + (c.supported() ? "supported, " : "declined, ") + c.detail())
                        .collect(Collectors.joining("\n"));
    }
}
