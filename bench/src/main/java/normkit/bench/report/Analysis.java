package normkit.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What follows from a run: rows beside copies, limits and each other. What cannot be known is NaN. */
final class Analysis {

    /** The backend the report is about. */
    static final String SUBJECT = "simd";

    private final Run run;
    private final long parallelism;
    private final List<Run.Row> base;
    private final Map<Run.Problem, Map<String, Run.Row>> byProblem = new LinkedHashMap<>();
    private final Map<String, Look> looks;

    Analysis(Run run) {
        this.run = run;
        this.parallelism = run.rows().stream().filter(r -> !r.isCopy()).mapToLong(Run.Row::parallelism).min().orElse(1);
        this.base = run.rows().stream().filter(r -> r.parallelism() == parallelism && !Double.isNaN(r.time())).toList();
        for (Run.Row row : base) {
            byProblem.computeIfAbsent(row.problem(), p -> new LinkedHashMap<>()).put(row.backend(), row);
        }
        this.looks = Look.assign(backends());
    }

    Run run() {
        return run;
    }

    /** The number of threads of the rows that are compared with each other: the least there is. */
    long parallelism() {
        return parallelism;
    }

    /** The rows that are compared with each other and have a time, without copies. */
    List<Run.Row> base() {
        return base.stream().filter(r -> !r.isCopy()).toList();
    }

    /** Everything that computes, in the order of the report. */
    List<String> backends() {
        Set<String> names = new LinkedHashSet<>();
        run.rows().forEach(r -> names.add(r.backend()));
        run.sweeps().forEach(r -> names.add(r.backend()));
        run.accuracies().forEach(r -> names.add(r.backend()));
        run.regrets().forEach(r -> names.addAll(List.of(r.chosen(), r.best())));
        names.remove(Run.COPY);
        return Look.ordered(names);
    }

    /** How a backend is drawn. */
    Look look(String backend) {
        return looks.get(backend);
    }

    /** Everything the subject is compared with. */
    List<String> peers() {
        return Look.ordered(base().stream().map(Run.Row::backend).filter(b -> !b.equals(SUBJECT)).distinct().toList());
    }

    /** Time of copying x on as many threads: beside the row itself if it was measured there, else at its size. */
    double copy(Run.Row row) {
        Predicate<Run.Row> fits = c -> c.isCopy() && c.threads() == row.threads() && !Double.isNaN(c.time())
                && c.problem().bytes() == row.problem().bytes();
        return Stream.concat(run.rows().stream().filter(fits).filter(c -> c.problem().equals(row.problem())),
                run.rows().stream().filter(fits)).mapToDouble(Run.Row::time).findFirst().orElse(Double.NaN);
    }

    /** A row's time in copies of x. */
    double relative(Run.Row row) {
        return row.time() / copy(row);
    }

    /** Bytes per second that a row at least moves. */
    static double bandwidth(Run.Row row) {
        return row.problem().traffic() / row.time();
    }

    /** The part of the speed that memory allows: traffic at the speed of a copy of that size, over the time. */
    double fraction(Run.Row row) {
        return row.parallelism() == 1 ? bandwidth(row) / ceiling(row.problem().traffic()) : Double.NaN;
    }

    /** Bytes per second of the fastest way to copy on one thread when this much memory is touched. */
    double ceiling(double workingSet) {
        return Stream.of(Run.COPY, "streaming-copy").mapToDouble(kind -> interpolated(curve(kind), workingSet))
                .filter(rate -> !Double.isNaN(rate)).max().orElse(Double.NaN);
    }

    /** The working sets for which there is a limit, ascending. */
    List<Long> limitSizes() {
        return Stream.concat(curve(Run.COPY).stream(), curve("streaming-copy").stream()).map(Run.Bandwidth::workingSet)
                .distinct().sorted().toList();
    }

    private List<Run.Bandwidth> curve(String kind) {
        return run.bandwidths().stream().filter(b -> b.kind().equals(kind) && b.threads() == 1)
                .filter(b -> b.rate() > 0 && Double.isFinite(b.rate()))
                .sorted(Comparator.comparingLong(Run.Bandwidth::workingSet)).toList();
    }

    /** Between two sizes, a straight line between logarithms; beyond the ends, what is at the end. */
    private static double interpolated(List<Run.Bandwidth> curve, double workingSet) {
        Run.Bandwidth below = null;
        for (Run.Bandwidth above : curve) {
            if (above.workingSet() >= workingSet) {
                if (below == null) {
                    return above.rate();
                }
                double part = Math.log(workingSet / below.workingSet())
                        / Math.log((double) above.workingSet() / below.workingSet());
                return below.rate() * Math.pow(above.rate() / below.rate(), part);
            }
            below = above;
        }
        return below == null ? Double.NaN : below.rate();
    }

    /** Two times of the same problem. */
    record Pair(Run.Row subject, Run.Row peer) {

        /** Above 1 where the subject is faster. */
        double ratio() {
            return peer.time() / subject.time();
        }

        /** Whether the confidence intervals are apart; without intervals, times are taken as they are. */
        boolean apart() {
            double noise = known(subject.error()) + known(peer.error());
            return Math.abs(subject.time() - peer.time()) > noise;
        }

        private static double known(double error) {
            return Double.isFinite(error) ? error : 0;
        }

        boolean faster() {
            return apart() && ratio() > 1;
        }

        boolean slower() {
            return apart() && ratio() < 1;
        }
    }

    /** The subject beside one peer. */
    record Duel(String peer, List<Pair> pairs) {

        double mean() {
            return Analysis.mean(pairs.stream().map(Pair::ratio).toList());
        }

        long faster() {
            return pairs.stream().filter(Pair::faster).count();
        }

        long slower() {
            return pairs.stream().filter(Pair::slower).count();
        }

        long even() {
            return pairs.size() - faster() - slower();
        }

        Pair best() {
            return pairs.stream().max(Comparator.comparingDouble(Pair::ratio)).orElseThrow();
        }

        Pair worst() {
            return pairs.stream().min(Comparator.comparingDouble(Pair::ratio)).orElseThrow();
        }

        Duel only(Predicate<Run.Problem> which) {
            return new Duel(peer, pairs.stream().filter(p -> which.test(p.subject().problem())).toList());
        }
    }

    Duel duel(String peer) {
        return new Duel(peer, byProblem.values().stream().filter(m -> m.containsKey(SUBJECT) && m.containsKey(peer))
                .map(m -> new Pair(m.get(SUBJECT), m.get(peer))).toList());
    }

    /** The subject beside whatever else is fastest, problem by problem. */
    Duel duelWithFastest(Collection<String> peers) {
        List<Pair> pairs = new ArrayList<>();
        for (Map<String, Run.Row> rows : byProblem.values()) {
            Optional<Run.Row> fastest = peers.stream().filter(rows::containsKey).map(rows::get)
                    .min(Comparator.comparingDouble(Run.Row::time));
            if (rows.containsKey(SUBJECT) && fastest.isPresent()) {
                pairs.add(new Pair(rows.get(SUBJECT), fastest.get()));
            }
        }
        return new Duel("the fastest other", pairs);
    }

    /** The subject's rows that take longest beside a copy. */
    List<Run.Row> slowest(int most) {
        return base.stream().filter(r -> r.backend().equals(SUBJECT) && !Double.isNaN(relative(r)))
                .sorted(Comparator.comparingDouble(this::relative).reversed()).limit(most).toList();
    }

    /** One row and the one without parallelism. */
    record Scaled(Run.Row one, Run.Row many) {

        /** Work done per time, in that of one thread. Calls at once each take their time. */
        double speedup() {
            return many.threads() * one.time() / many.time();
        }
    }

    /** Rows on several threads, with those of the same problem and backend on one. */
    List<Scaled> scaled(Predicate<Run.Row> which) {
        List<Scaled> scaled = new ArrayList<>();
        for (Run.Row row : run.rows()) {
            Run.Row one = byProblem.getOrDefault(row.problem(), Map.of()).get(row.backend());
            if (parallelism == 1 && one != null && row.parallelism() > 1 && !Double.isNaN(row.time())
                    && which.test(row)) {
                scaled.add(new Scaled(one, row));
            }
        }
        return scaled;
    }

    /** Geometric mean; NaN of nothing. */
    static double mean(Collection<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElse(Double.NaN));
    }
}
