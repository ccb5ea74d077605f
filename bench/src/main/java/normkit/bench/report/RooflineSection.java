package normkit.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How near every row comes to what memory allows. */
final class RooflineSection {

    private RooflineSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("roofline", "Roofline");
        List<Run.Row> rows = analysis.base().stream().filter(r -> !Double.isNaN(analysis.fraction(r))).toList();
        if (analysis.limitSizes().isEmpty()) {
            return section.missing("There is no roofline: the file has no measured copy bandwidth on one thread.");
        }
        if (rows.isEmpty()) {
            return section.missing("There is no roofline: the file has no row with a time on one thread.");
        }
        List<String> words = new ArrayList<>();
        words.add("Each mark is one pass over one shape: bytes it must at least move per second, over the memory it "
                + "touches (x and y, or x, dy and dx). The edge of the shaded area is the fastest copy measured for "
                + "that much memory; a mark on it runs at the speed of a copy.");
        arithmetic(analysis).ifPresent(words::add);
        words.add("The table gives the geometric mean of each backend's fractions of that edge, and the range.");
        return section.figure(words, plots(analysis, rows)).add(fractions(analysis, rows).tag());
    }

    /** Why memory and not arithmetic is the limit. */
    private static Optional<String> arithmetic(Analysis analysis) {
        double beyondCaches = analysis.ceiling(analysis.limitSizes().getLast());
        return analysis.run().fmas().stream().filter(f -> f.type().equals("f32") && f.threads() == 1 && f.rate() > 0)
                .map(Run.Fma::rate).max(Double::compare)
                .map(peak -> "Arithmetic is no limit: the CPU multiplies and adds at " + Numbers.rate(peak, "flop")
                        + " (f32, one thread), so that at " + Numbers.rate(beyondCaches, "B")
                        + " past the caches it has time for " + Numbers.plain(peak / beyondCaches)
                        + " operations per byte, and a normalization needs about one.");
    }

    private static List<Plot> plots(Analysis analysis, List<Run.Row> rows) {
        List<Double> sizes = new ArrayList<>(rows.stream().map(r -> (double) r.problem().traffic()).toList());
        double least = sizes.stream().min(Double::compare).orElseThrow();
        double most = sizes.stream().max(Double::compare).orElseThrow();
        List<Plot.Point> ceiling = ceiling(analysis, least, most);
        Axis x = Axis.bytes(sizes);
        Axis y = Axis.log(
                Stream.concat(rows.stream().map(Analysis::bandwidth), ceiling.stream().map(Plot.Point::y)).toList(),
                v -> Numbers.rateTick(v, "B"));
        List<Plot> plots = new ArrayList<>();
        for (String backend : analysis.backends()) {
            List<Plot.Point> points =
                    rows.stream().filter(r -> r.backend().equals(backend)).map(r -> point(analysis, r)).toList();
            if (!points.isEmpty()) {
                Plot plot = Plot.of(backend + ": bytes per second", x, y, "memory touched").ceiling(ceiling);
                caches(analysis, plot, least, most);
                plots.add(plot.marks(analysis.look(backend), points));
            }
        }
        return plots;
    }

    private static Plot.Point point(Analysis analysis, Run.Row row) {
        double traffic = row.problem().traffic();
        return new Plot.Point(traffic, Analysis.bandwidth(row), traffic / (row.time() + row.error()),
                traffic / (row.time() - row.error()),
                row.backend() + ", " + row.problem().text() + ": " + Numbers.rate(Analysis.bandwidth(row), "B") + ", "
                        + Numbers.percent(analysis.fraction(row)) + " of the roofline");
    }

    /** Bandwidth at the sizes where it was measured, and at the ends. */
    static List<Plot.Point> ceiling(Analysis analysis, double least, double most) {
        return Stream
                .concat(Stream.of(least, most),
                        analysis.limitSizes().stream().map(Long::doubleValue).filter(s -> s > least && s < most))
                .distinct().sorted().map(s -> new Plot.Point(s, analysis.ceiling(s), "")).toList();
    }

    /** Marks the caches. */
    static void caches(Analysis analysis, Plot plot, double least, double most) {
        for (Run.Cache cache : analysis.run().caches()) {
            if (cache.bytes() >= least && cache.bytes() <= most) {
                plot.vertical(cache.bytes(), "L" + cache.level());
            }
        }
    }

    private static Table fractions(Analysis analysis, List<Run.Row> rows) {
        List<String> passes = rows.stream().map(r -> r.problem().pass()).distinct().toList();
        List<String> headers = new ArrayList<>(List.of("backend"));
        headers.addAll(passes);
        Table table = new Table("Fraction of the roofline: geometric mean (lowest to highest)", headers);
        for (String backend : analysis.backends()) {
            List<Table.Cell> cells = new ArrayList<>(List.of(Table.Cell.of(backend)));
            for (String pass : passes) {
                cells.add(cell(rows.stream().filter(r -> r.backend().equals(backend) && r.problem().pass().equals(pass))
                        .map(analysis::fraction).sorted().toList()));
            }
            table.row(cells);
        }
        return table;
    }

    private static Table.Cell cell(List<Double> fractions) {
        double mean = Analysis.mean(fractions);
        return Table.Cell.of(fractions.isEmpty()
                ? "–"
                : Numbers.percent(mean) + " (" + Numbers.percent(fractions.getFirst()) + " to "
                        + Numbers.percent(fractions.getLast()) + ")",
                mean);
    }
}
