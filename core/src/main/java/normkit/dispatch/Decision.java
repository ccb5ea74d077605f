package normkit.dispatch;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import normkit.spi.Backend;
import normkit.spi.Cost;
import normkit.spi.Problem;

/** Which backend solves a problem, and why. Immutable. */
public final class Decision {

    private static final double MICRO = 1e3;
    private static final double MILLI = 1e6;

    private final Planner planner;
    private final Problem problem;
    private final Request request;
    private final List<Candidate> candidates;
    private final Backend chosen;
    private final Candidate winner;
    private final Source source;

    Decision(Planner planner, Problem problem, Request request, List<Candidate> candidates, Backend chosen,
            Source source) {
        this.planner = planner;
        this.problem = problem;
        this.request = request;
        this.candidates = List.copyOf(candidates);
        this.chosen = chosen;
        this.winner = candidates.stream().filter(c -> c.backend().equals(chosen.name())).findFirst().orElseThrow();
        this.source = source;
    }

    /** Where a decision comes from. */
    public enum Source {
        /** Somebody named the backend. */
        FORCED("it is forced"),
        /** No other backend supports the problem. */
        ONLY("no other backend supports the problem"),
        /** It is the preferred one, and costs are unknown. */
        PRIORITY("it is the preferred backend of those that support the problem"),
        /** It has the lowest predicted time. */
        ESTIMATE("it has the lowest estimated time"),
        /** It was the fastest just now. */
        MEASURED("it was the fastest when measured just now"),
        /** It was the fastest when measured earlier, in this process or another. */
        WISDOM("it was the fastest when measured before, as wisdom has it");

        private final String words;

        Source(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** What a backend said. */
    public enum Answer {
        /** It can solve the problem. */
        SUPPORTED,
        /** It cannot, or is not available. */
        DECLINED,
        /** It was left unasked, since it would not win by its own forecast. */
        UNASKED
    }

    /**
     * A backend's answer.
     *
     * @param backend its name
     * @param answer what it said
     * @param detail the implementation's name, or the reason why not
     * @param cost its own description of the implementation
     * @param estimated predicted nanoseconds of an execution; NaN if unknown
     * @param measured measured nanoseconds of an execution; NaN if not measured
     */
    public record Candidate(String backend, Answer answer, String detail, Cost cost, double estimated,
            double measured) {

        /**
         * Tells whether it could solve the problem.
         *
         * @return true if so, as far as it was asked
         */
        public boolean supported() {
            return answer == Answer.SUPPORTED;
        }

        Candidate measured(double nanoseconds) {
            return new Candidate(backend, answer, detail, cost, estimated, nanoseconds);
        }
    }

    /**
     * Returns the problem.
     *
     * @return what was asked
     */
    public Problem problem() {
        return problem;
    }

    /**
     * Returns how it was asked.
     *
     * @return the request
     */
    public Request request() {
        return request;
    }

    /**
     * Returns every backend with its answer, as far as it was asked, the preferred first.
     *
     * @return an immutable list
     */
    public List<Candidate> candidates() {
        return candidates;
    }

    /**
     * Returns the winner.
     *
     * @return a backend that supports the problem
     */
    public Backend chosen() {
        return chosen;
    }

    /**
     * Returns the name of the implementation that will run.
     *
     * @return for example {@code jit:uni}
     */
    public String implementation() {
        return winner.detail();
    }

    /**
     * Returns where the decision comes from.
     *
     * @return the source
     */
    public Source source() {
        return source;
    }

    /**
     * Returns the winner's time.
     *
     * @return nanoseconds of an execution: measured if they were, else estimated; NaN if neither is known
     */
    public double nanoseconds() {
        return Double.isNaN(winner.measured()) ? winner.estimated() : winner.measured();
    }

    /**
     * Explains the decision in a few lines of plain text. Backends that were left unasked are asked now, which may load their
     * native libraries; that changes nothing about the decision.
     *
     * @return the problem, the winner, then a line per candidate
     */
    public String explain() {
        return problem + "\n  runs on " + chosen.name() + " (" + implementation() + "): " + source + "\n"
                + candidates.stream().map(c -> c.answer() == Answer.UNASKED ? planner.ask(c, problem, request) : c)
                        .map(this::line).collect(Collectors.joining("\n"));
    }

    private String line(Candidate candidate) {
        if (!candidate.supported()) {
            return "  " + candidate.backend() + ": declined, " + candidate.detail();
        }
        StringBuilder line = new StringBuilder("  " + candidate.backend() + ": supported, " + candidate.detail());
        if (!Double.isNaN(candidate.measured())) {
            line.append(", ").append(time(candidate.measured())).append(" measured");
        }
        if (!Double.isNaN(candidate.estimated())) {
            line.append(", ").append(time(candidate.estimated())).append(" estimated");
        }
        double staging = planner.model().staging(problem, candidate.cost());
        if (staging > 0) {
            String copies = time(staging) + " to copy arrays to native memory and back";
            line.append(request.carrier() == Carrier.HEAP ? " with " + copies : "; add " + copies);
        }
        return line.toString();
    }

    /** Three digits or so. */
    static String time(double ns) {
        double value = ns < MICRO ? ns : ns < MILLI ? ns / MICRO : ns / MILLI;
        String unit = ns < MICRO ? "ns" : ns < MILLI ? "us" : "ms";
        return String.format(Locale.ROOT, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, unit);
    }

    /** Returns the problem, the winner and the source. */
    @Override
    public String toString() {
        return problem + " runs on " + chosen.name() + " (" + implementation() + "): " + source;
    }
}
