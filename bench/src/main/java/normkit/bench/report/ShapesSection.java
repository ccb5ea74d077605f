package normkit.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Every backend on every shape, in copies of x. */
final class ShapesSection {

    private static final Map<String, String> LAYOUTS =
            Map.of("ncx", "channels first (ncx)", "nxc", "channels last (nxc)");

    private ShapesSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("shapes", "Backends per shape");
        List<Plot> plots = plots(analysis, row -> true);
        if (plots.isEmpty()) {
            return section.missing(
                    "There is nothing to plot: the file has no row with a time together with a copy of the same size.");
        }
        return section.figure(List.of(
                "Each row is one shape; each mark is the time one backend takes for it, in times of copying x to y ("
                        + threads(analysis) + "). Further left is faster; the line at 1× is the copy.",
                "The scale is logarithmic and differs from panel to panel. Bars are JMH's 99.9 % confidence "
                        + "intervals of the backend's time."),
                plots);
    }

    static String threads(Analysis analysis) {
        return Numbers.count(analysis.parallelism(), "thread");
    }

    /** A plot for each operation and pass of some rows. */
    static List<Plot> plots(Analysis analysis, Predicate<Run.Row> which) {
        Map<String, Map<String, List<Run.Row>>> panels = new LinkedHashMap<>();
        for (Run.Row row : analysis.base()) {
            if (which.test(row) && !Double.isNaN(analysis.relative(row))) {
                panels.computeIfAbsent(row.problem().operation(), o -> new LinkedHashMap<>())
                        .computeIfAbsent(row.problem().pass(), p -> new ArrayList<>()).add(row);
            }
        }
        List<Plot> plots = new ArrayList<>();
        panels.forEach((operation, passes) -> passes
                .forEach((pass, rows) -> plots.add(plot(analysis, operation + " · " + pass, rows))));
        return plots;
    }

    private static Plot plot(Analysis analysis, String title, List<Run.Row> rows) {
        Map<String, Map<Run.Problem, List<Run.Row>>> layouts = new LinkedHashMap<>();
        for (Run.Row row : rows) {
            layouts.computeIfAbsent(row.problem().layout(), l -> new LinkedHashMap<>())
                    .computeIfAbsent(row.problem(), p -> new ArrayList<>()).add(row);
        }
        List<Axis.Tick> ticks = new ArrayList<>();
        Map<Run.Problem, Integer> places = new LinkedHashMap<>();
        layouts.forEach((layout, problems) -> {
            ticks.add(new Axis.Tick(ticks.size(), LAYOUTS.getOrDefault(layout, layout), true));
            for (Run.Problem problem : problems.keySet()) {
                places.put(problem, ticks.size());
                ticks.add(new Axis.Tick(ticks.size(), problem.shapeAndGroups(), false));
            }
        });
        Axis x = Axis.log(Stream.concat(Stream.of(1.0), rows.stream().map(analysis::relative)).toList(),
                Numbers::ratioTick);
        Plot plot = Plot.ofRows(title, x, ticks, "time in copies of x").vertical(1, "");
        // The subject last, so that nothing hides it.
        for (String backend : analysis.backends().reversed()) {
            plot.marks(analysis.look(backend), rows.stream().filter(r -> r.backend().equals(backend))
                    .map(r -> point(analysis, r, places.get(r.problem()))).toList());
        }
        return plot;
    }

    private static Plot.Point point(Analysis analysis, Run.Row row, double place) {
        double copy = analysis.copy(row);
        return new Plot.Point(row.time() / copy, place, (row.time() - row.error()) / copy,
                (row.time() + row.error()) / copy,
                row.backend() + ", " + row.problem().text() + ": " + Numbers.time(row.time()) + interval(row.error())
                        + ", " + Numbers.ratio(row.time() / copy) + " a copy");
    }

    static String interval(double error) {
        return Double.isFinite(error) ? " ± " + Numbers.time(error) : "";
    }
}
