package normkit.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What more threads give. */
final class ScalingSection {

    private ScalingSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("scaling", "Scaling with threads");
        List<Analysis.Scaled> all = analysis.scaled(row -> true);
        if (all.isEmpty()) {
            return section.missing(
                    "There is nothing on scaling: the file has no row that was measured both on one thread and on more.");
        }
        List<Plot> plots = new ArrayList<>();
        plot(analysis, "several callers, each its own call",
                analysis.scaled(row -> row.threads() > 1 && row.degree() == 1)).ifPresent(plots::add);
        plot(analysis, "one call split among threads", analysis.scaled(row -> row.threads() == 1 && row.degree() > 1))
                .ifPresent(plots::add);
        List<String> words = List.of("Work done per time on several threads, in that of one thread: the geometric mean "
                + "of each backend's shapes, with bars from the worst to the best shape. The dashed line is what "
                + "as many threads would give if nothing held them back; copies show what the machine's memory allows.");
        return section.figure(words, plots).folded("Every shape on several threads", table(all));
    }

    /** A group of rows for each number of threads, a row for each backend. */
    private static Optional<Plot> plot(Analysis analysis, String title, List<Analysis.Scaled> scaled) {
        if (scaled.isEmpty()) {
            return Optional.empty();
        }
        Map<Long, Map<String, List<Double>>> groups = new TreeMap<>();
        for (String backend : Stream.concat(analysis.backends().stream(), Stream.of(Run.COPY)).toList()) {
            scaled.stream().filter(s -> s.many().backend().equals(backend))
                    .forEach(s -> groups.computeIfAbsent(s.many().parallelism(), t -> new LinkedHashMap<>())
                            .computeIfAbsent(backend, b -> new ArrayList<>()).add(s.speedup()));
        }
        List<Axis.Tick> rows = new ArrayList<>();
        groups.forEach((threads, backends) -> {
            rows.add(new Axis.Tick(rows.size(), Numbers.count(threads, "thread"), true));
            backends.keySet().forEach(b -> rows.add(new Axis.Tick(rows.size(), b, false)));
        });
        double highest = Stream
                .concat(groups.keySet().stream().map(Long::doubleValue), scaled.stream().map(Analysis.Scaled::speedup))
                .max(Double::compare).orElseThrow();
        Plot plot = Plot.ofRows(title, Axis.linear(0, highest * 1.05, ticks(highest)), rows,
                "work per time, in that of one thread");
        int place = 0;
        for (Map.Entry<Long, Map<String, List<Double>>> group : groups.entrySet()) {
            plot.vertical(group.getKey(), place, place + group.getValue().size());
            for (Map.Entry<String, List<Double>> row : group.getValue().entrySet()) {
                place++;
                plot.marks(analysis.look(row.getKey()),
                        List.of(point(row.getKey(), group.getKey(), place, row.getValue())));
            }
            place++;
        }
        return Optional.of(plot);
    }

    private static Plot.Point point(String backend, long threads, int place, List<Double> speedups) {
        List<Double> sorted = speedups.stream().sorted().toList();
        return new Plot.Point(Analysis.mean(sorted), place, sorted.getFirst(), sorted.getLast(),
                backend + ", " + Numbers.count(threads, "thread") + ": " + Numbers.ratio(Analysis.mean(sorted)) + " ("
                        + Numbers.ratio(sorted.getFirst()) + " to " + Numbers.ratio(sorted.getLast()) + ")");
    }

    private static List<Axis.Tick> ticks(double highest) {
        long step = Math.max(1, Math.round(highest / 5));
        return Stream.iterate(0L, t -> t <= highest, t -> t + step).map(t -> new Axis.Tick(t, t + "×", false)).toList();
    }

    private static Table table(List<Analysis.Scaled> scaled) {
        Table table = new Table("Rows on several threads beside those on one",
                List.of("problem", "backend", "callers", "degree", "time on one", "time", "work per time"));
        for (Analysis.Scaled row : scaled) {
            Run.Row many = row.many();
            table.row(Table.Cell.of(many.problem().text()), Table.Cell.of(many.backend()),
                    Table.Cell.of(String.valueOf(many.threads()), many.threads()),
                    Table.Cell.of(String.valueOf(many.degree()), many.degree()),
                    Table.Cell.of(Numbers.time(row.one().time()), row.one().time()),
                    Table.Cell.of(Numbers.time(many.time()), many.time()),
                    Table.Cell.of(Numbers.ratio(row.speedup()), row.speedup()));
        }
        return table;
    }
}
