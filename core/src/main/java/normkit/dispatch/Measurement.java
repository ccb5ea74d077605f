package normkit.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * Times of backends on one problem, taken side by side on this machine: in interleaved rounds on the same buffers, as
 * medians. A backend whose result differs from the reference's by more than 1e-3 (f64: 1e-9) of the largest value, or that
 * fails, is not timed.
 *
 * @param nanoseconds time of an execution by backend, the fastest first
 * @param rejected reason by backend that was not timed
 */
public record Measurement(Map<String, Double> nanoseconds, Map<String, String> rejected) {

    /**
     * Threads of OpenMP, which oneDNN uses, go on spinning for milliseconds after their work is done, on the processor that
     * another backend's thread needs: that one looked up to twice as slow.
     */
    private static final Duration SETTLING = Duration.ofMillis(10);

    /**
     * Times backends.
     *
     * @param problem what to run, not empty
     * @param backends those to time; available, and supporting the problem
     * @param reference the backend whose results count as right, which need not be among them
     * @param request where the operands are, and how many threads share an execution
     * @param budget about how long the timing may take, not counting the making of operands and about half a second per backend
     *        for the VM to compile it
     * @param toTheEnd whether to go on although it is clear who is the fastest, for good times of all
     * @return the times
     * @throws IllegalStateException if there is not enough memory for the operands, or the reference fails
     */
    public static Measurement of(Problem problem, List<Backend> backends, Backend reference, Request request,
            Duration budget, boolean toTheEnd) {
        return of(problem, backends, reference, request, new Race(System::nanoTime, Race.Limits.of(budget, toTheEnd)));
    }

    static Measurement of(Problem problem, List<Backend> backends, Backend reference, Request request, Race race) {
        Map<String, String> rejected = new LinkedHashMap<>();
        Map<String, Execution> executions = new LinkedHashMap<>();
        try (Trial trial = trial(problem, request.carrier())) {
            double[][] expected = expected(trial, problem, reference);
            for (Backend backend : backends) {
                String reason = check(trial, problem, backend, request.parallelism(), expected, executions);
                if (reason != null) {
                    rejected.put(backend.name(), reason);
                }
            }
            List<Race.Contender> contenders = new ArrayList<>();
            for (Backend backend : backends) {
                Execution execution = executions.get(backend.name());
                if (execution != null) {
                    contenders.add(new Race.Contender(backend.name(), () -> trial.run(execution),
                            expected(problem, backend, request)));
                }
            }
            Duration settling = request.threads() > 1 ? SETTLING : Duration.ZERO;
            Map<String, Double> times = contenders.isEmpty() ? Map.of() : race.run(contenders, settling).nanoseconds();
            return new Measurement(times, rejected);
        } finally {
            executions.values().forEach(Execution::close);
        }
    }

    private static Trial trial(Problem problem, Carrier carrier) {
        try {
            return new Trial(problem, carrier);
        } catch (OutOfMemoryError e) {
            throw new IllegalStateException("there is not enough memory to measure " + problem + ": " + e.getMessage(),
                    e);
        }
    }

    /** What the model predicts, from which the race tells that a backend is not compiled yet. */
    private static double expected(Problem problem, Backend backend, Request request) {
        return backend.answer(problem) instanceof Support.Supported supported
                ? CostModel.here().nanoseconds(problem, supported.cost(), request)
                : Double.NaN;
    }

    private static double[][] expected(Trial trial, Problem problem, Backend reference) {
        try (Execution execution = reference.prepare(problem)) {
            return trial.sampled(execution);
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "backend " + reference.name() + ", whose results count as right, cannot run " + problem + ": " + e,
                    e);
        }
    }

    /** Keeps a right execution; otherwise returns the reason against it. */
    private static String check(Trial trial, Problem problem, Backend backend, Parallelism parallelism,
            double[][] expected, Map<String, Execution> executions) {
        Execution execution = null;
        String reason;
        try {
            execution = backend.prepare(problem, parallelism);
            reason = trial.difference(expected, trial.sampled(execution));
        } catch (RuntimeException e) {
            reason = "it failed: " + e;
        }
        if (reason == null) {
            executions.put(backend.name(), execution);
        } else if (execution != null) {
            execution.close();
        }
        return reason;
    }

    /**
     * Returns the time of a backend.
     *
     * @param backend its name
     * @return nanoseconds of an execution; empty if it was not timed
     */
    public OptionalDouble of(String backend) {
        Double time = nanoseconds.get(backend);
        return time == null ? OptionalDouble.empty() : OptionalDouble.of(time);
    }
}
