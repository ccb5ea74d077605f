package normkit.bench.run;

import java.time.Duration;
import java.util.List;
import normkit.dispatch.Backends;
import normkit.dispatch.Decision;
import normkit.dispatch.Effort;
import normkit.dispatch.Measurement;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.dispatch.Wisdom;
import normkit.spi.Backend;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * What a planner chose for a problem, and what every backend took in the same run.
 *
 * @param problem the problem
 * @param estimate the decision by estimate
 * @param measure the decision by measurement; null if it was not asked for
 * @param times of every backend that supports the problem and is right
 */
public record RegretRow(Problem problem, Decision estimate, Decision measure, Measurement times) {

    /** What is worse than this was chosen badly, or timed badly. */
    public static final double BOUND = 1.05;

    private static final String REFERENCE = "scalar";
    /** How many times as long a row above the bound is timed again. */
    private static final int CONFIRMATION = 4;

    /**
     * Decides without wisdom, then times all backends; where a choice is above {@link #BOUND}, once more, four times as long,
     * and those times count: of many rows, those that look worst are those that were disturbed most.
     *
     * @param problem the problem
     * @param request where the tensors are, and how many threads share an execution
     * @param budget about how long each timing may take
     * @param measure whether to decide by measurement, too
     * @param stopwatch what times all backends, usually {@link #time}
     * @return the row
     * @throws IllegalStateException if the problem cannot be timed, or no backend is right
     */
    public static RegretRow of(Problem problem, Request request, Duration budget, boolean measure,
            Stopwatch stopwatch) {
        Decision first = Planner.of(Wisdom.empty(), budget).decide(problem, request);
        Decision second =
                measure ? Planner.of(Wisdom.empty(), budget).decide(problem, request.effort(Effort.MEASURE)) : null;
        RegretRow row = new RegretRow(problem, first, second, stopwatch.time(problem, request, budget));
        return row.worst() <= BOUND
                ? row
                : new RegretRow(problem, first, second,
                        stopwatch.time(problem, request, budget.multipliedBy(CONFIRMATION)));
    }

    /**
     * Times all backends that could be chosen for a problem side by side, as {@link Effort#MEASURE} does, but to the end.
     *
     * @param problem the problem
     * @param request where the tensors are, and how many threads share an execution
     * @param budget about how long the timing may take
     * @return the times, of one backend at least
     * @throws IllegalStateException if the problem cannot be timed, or no backend is right
     */
    public static Measurement time(Problem problem, Request request, Duration budget) {
        Measurement times =
                Measurement.of(problem, able(problem), Backends.named(REFERENCE).backend(), request, budget, true);
        if (times.nanoseconds().isEmpty()) {
            throw new IllegalStateException("no backend runs " + problem + " right: " + times.rejected());
        }
        return times;
    }

    /**
     * Returns the backends that could be chosen for a problem.
     *
     * @param problem the problem
     * @return those that are available, support it and do not run only by name
     */
    public static List<Backend> able(Problem problem) {
        return Backends.all().stream().filter(Backends.Probed::available).map(Backends.Probed::backend)
                .filter(b -> !b.onlyByName() && b.answer(problem) instanceof Support.Supported).toList();
    }

    /**
     * Returns the fastest backend.
     *
     * @return its name
     */
    public String fastest() {
        return times.nanoseconds().keySet().iterator().next();
    }

    /**
     * Returns the fastest backend's time.
     *
     * @return nanoseconds
     */
    public double least() {
        return times.nanoseconds().get(fastest());
    }

    /**
     * Returns what the worse of the decisions cost.
     *
     * @return see {@link #regret(Decision)}
     */
    public double worst() {
        return measure == null ? regret(estimate) : Math.max(regret(estimate), regret(measure));
    }

    /**
     * Returns what a decision cost.
     *
     * @param decision one of this row's
     * @return time of the chosen backend in those of the fastest, at least 1; infinite if the chosen one is wrong
     */
    public double regret(Decision decision) {
        return times.of(decision.chosen().name()).orElse(Double.POSITIVE_INFINITY) / least();
    }
}
