package normkit.bench.study;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.run.Workload;

/** What is read off a result: rows by problem, and each beside a copy, the machine's limits and the other backends. */
final class Figures {

    /** What is run, by how many threads at a time, and how many share a call. */
    record Problem(Workload workload, int threads, int degree) {

        @Override
        public String toString() {
            return workload + (degree == 1 ? "" : ", shared by " + degree)
                    + (threads == 1 ? "" : ", " + threads + " threads");
        }
    }

    private record Size(long bytes, int threads) {}

    private final Limits limits;
    private final Map<Problem, Map<String, Row>> rows = new LinkedHashMap<>();
    private final Map<Size, Row> copies = new HashMap<>();
    private final Set<String> backends = new LinkedHashSet<>();

    Figures(ResultFile result) {
        limits = result.limits();
        for (Row row : result.rows()) {
            if (row.isNorm()) {
                add(new Problem(row.workload(), row.threads(), row.degree()), row);
            }
        }
    }

    private void add(Problem problem, Row row) {
        if (row.isCopy()) {
            copies.put(new Size(problem.workload().bytes(), problem.threads()), row);
        } else {
            rows.computeIfAbsent(problem, p -> new LinkedHashMap<>()).put(row.backend(), row);
            backends.add(row.backend());
        }
    }

    /** The problems in the order they were measured. */
    Set<Problem> problems() {
        return rows.keySet();
    }

    /** The backends in the order they were measured. */
    List<String> backends() {
        return List.copyOf(backends);
    }

    /** The rows of a problem by backend. */
    Map<String, Row> of(Problem problem) {
        return rows.get(problem);
    }

    OptionalDouble time(Problem problem, String backend) {
        Row row = backend.equals(NormBenchmark.COPY)
                ? copies.get(new Size(problem.workload().bytes(), problem.threads()))
                : rows.get(problem).get(backend);
        return row == null ? OptionalDouble.empty() : OptionalDouble.of(row.score());
    }

    /** Time of one backend in those of another. */
    OptionalDouble ratio(Problem problem, String backend, String other) {
        OptionalDouble time = time(problem, backend);
        OptionalDouble unit = time(problem, other);
        return time.isPresent() && unit.isPresent()
                ? OptionalDouble.of(time.getAsDouble() / unit.getAsDouble())
                : OptionalDouble.empty();
    }

    /** How much of the speed that the machine's limits allow a backend reaches; at most about 1. */
    OptionalDouble roofline(Problem problem, String backend) {
        OptionalDouble time = time(problem, backend);
        OptionalDouble least = limits.microseconds(problem.workload().traffic() / problem.degree(),
                problem.threads() * problem.degree());
        return time.isPresent() && least.isPresent()
                ? OptionalDouble.of(least.getAsDouble() / time.getAsDouble())
                : OptionalDouble.empty();
    }

    /** The fastest of some of a problem's backends. */
    Optional<String> fastest(Problem problem, Set<String> among) {
        return rows.get(problem).values().stream().filter(row -> among.contains(row.backend()))
                .min((a, b) -> Double.compare(a.score(), b.score())).map(Row::backend);
    }

    /** One line that tells how one backend does against another, over the problems that both have; empty if none. */
    Optional<String> verdict(String backend, String other) {
        double[] ratios = rows.keySet().stream().map(problem -> ratio(problem, other, backend))
                .filter(OptionalDouble::isPresent).mapToDouble(OptionalDouble::getAsDouble).toArray();
        if (ratios.length == 0) {
            return Optional.empty();
        }
        double logs = 0;
        int faster = 0;
        for (double ratio : ratios) {
            logs += Math.log(ratio);
            faster += ratio > 1 ? 1 : 0;
        }
        return Optional.of(String.format(Locale.ROOT,
                "%s against %s: faster on %d of %d rows, %.2f times as fast in geometric mean", backend, other, faster,
                ratios.length, Math.exp(logs / ratios.length)));
    }
}
