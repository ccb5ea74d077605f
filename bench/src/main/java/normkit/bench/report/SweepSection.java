package normkit.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How each backend's speed depends on the size of its data. */
final class SweepSection {

    private SweepSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("sweep", "Size sweep");
        List<Run.Sweep> sweeps = analysis.run().sweeps().stream().filter(s -> !Double.isNaN(s.time()))
                .sorted(Comparator.comparingLong(Run.Sweep::bytes)).toList();
        if (sweeps.isEmpty()) {
            return section.missing("There is no size sweep in this file.");
        }
        List<String> words = new ArrayList<>();
        words.add("Bytes read and written per second by a forward pass, over the memory it touches: x and y together, "
                + Numbers.bytes(sweeps.getFirst().traffic()) + " to " + Numbers.bytes(sweeps.getLast().traffic())
                + ". Higher is faster. Vertical lines are the machine's caches.");
        words.add(analysis.limitSizes().isEmpty()
                ? "The file has no measured copy bandwidth, so no ceiling is drawn."
                : "The edge of the shaded area is the measured copy bandwidth, the ceiling.");
        return section.figure(words, plots(analysis, sweeps));
    }

    private static List<Plot> plots(Analysis analysis, List<Run.Sweep> sweeps) {
        double least = sweeps.getFirst().traffic();
        double most = sweeps.getLast().traffic();
        List<Plot.Point> ceiling =
                analysis.limitSizes().isEmpty() ? List.of() : RooflineSection.ceiling(analysis, least, most);
        Axis x = Axis.bytes(List.of(least, most));
        Axis y = Axis.log(Stream
                .concat(sweeps.stream().map(s -> s.traffic() / s.time()), ceiling.stream().map(Plot.Point::y)).toList(),
                v -> Numbers.rateTick(v, "B"));
        Map<String, List<Run.Sweep>> operations = new LinkedHashMap<>();
        sweeps.forEach(s -> operations.computeIfAbsent(s.operation(), o -> new ArrayList<>()).add(s));
        List<Plot> plots = new ArrayList<>();
        operations.forEach((operation, some) -> {
            Plot plot = Plot.of(operation + ": bytes per second", x, y, "memory touched").ceiling(ceiling);
            RooflineSection.caches(analysis, plot, least, most);
            for (String backend : Stream.concat(Stream.of(Run.COPY), analysis.backends().reversed().stream())
                    .toList()) {
                List<Plot.Point> points =
                        some.stream().filter(s -> s.backend().equals(backend)).map(SweepSection::point).toList();
                plot.line(analysis.look(backend), points).marks(analysis.look(backend), points);
            }
            plots.add(plot);
        });
        return plots;
    }

    private static Plot.Point point(Run.Sweep sweep) {
        double traffic = sweep.traffic();
        return new Plot.Point(traffic, traffic / sweep.time(), traffic / (sweep.time() + sweep.error()),
                traffic / (sweep.time() - sweep.error()),
                sweep.backend() + ", " + sweep.operation() + " of " + Numbers.bytes(sweep.bytes()) + ": "
                        + Numbers.rate(traffic / sweep.time(), "B") + ", " + Numbers.time(sweep.time()) + " a call");
    }
}
