package normkit.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who stays right where the mean is large beside the standard deviation. */
final class AccuracySection {

    /** What f32 can tell from 1. */
    private static final double ULP = Math.ulp(1f);
    /** An error that shows. */
    private static final double BROKEN = 1e-3;

    private AccuracySection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("accuracy", "Accuracy against offset");
        List<Run.Accuracy> rows = analysis.run().accuracies();
        if (rows.isEmpty()) {
            return section.missing("There is nothing on accuracy in this file.");
        }
        List<String> words = new ArrayList<>();
        words.add(
                "Largest distance of y from the exact result, for data of standard deviation 1 around a growing mean, "
                        + "the offset. Lower is better; both scales are logarithmic, with places of their own for 0 and for "
                        + "what is not a finite number. The line is " + Numbers.plain(ULP)
                        + ", the distance from 1 to the next f32.");
        words.add(atTheEnd(analysis, rows));
        words.add(breaking(analysis, rows));
        return section.figure(words, plots(analysis, common(analysis.run(), Integer.MAX_VALUE)));
    }

    private static String atTheEnd(Analysis analysis, List<Run.Accuracy> rows) {
        double last = rows.stream().mapToDouble(Run.Accuracy::offset).max().orElseThrow();
        String worst = analysis.backends().stream()
                .flatMap(b -> rows.stream().filter(r -> r.backend().equals(b) && r.offset() == last)
                        .max(Comparator.comparingDouble(Run.Accuracy::error)).stream())
                .map(r -> r.backend() + " " + error(r.error())).collect(Collectors.joining(", "));
        return "Largest errors at offset " + Numbers.plain(last) + ": " + worst + ".";
    }

    private static String breaking(Analysis analysis, List<Run.Accuracy> rows) {
        List<String> broken = new ArrayList<>();
        for (String backend : analysis.backends()) {
            OptionalDouble first = rows.stream().filter(r -> r.backend().equals(backend) && !(r.error() < BROKEN))
                    .mapToDouble(Run.Accuracy::offset).min();
            first.ifPresent(offset -> broken.add(backend + " at " + Numbers.plain(offset)));
        }
        return broken.isEmpty()
                ? "No backend is ever off by " + Numbers.plain(BROKEN) + " or more."
                : "Off by " + Numbers.plain(BROKEN) + " or more, from which offset on: " + String.join(", ", broken)
                        + ".";
    }

    static String error(double error) {
        return Double.isNaN(error) ? "not a number" : Numbers.plain(error);
    }

    /** The operations that most backends have, in the order of the file. */
    static List<String> common(Run run, int most) {
        Map<String, Set<String>> backends = new LinkedHashMap<>();
        run.accuracies().forEach(r -> backends.computeIfAbsent(r.operation(), o -> new HashSet<>()).add(r.backend()));
        Comparator<String> byCount = Comparator.comparingInt(o -> backends.get(o).size());
        return backends.keySet().stream().sorted(byCount.reversed()).limit(most).toList();
    }

    /** A plot for each of some operations. */
    static List<Plot> plots(Analysis analysis, Collection<String> which) {
        List<Run.Accuracy> rows = analysis.run().accuracies().stream().filter(r -> which.contains(r.operation()))
                .sorted(Comparator.comparingDouble(Run.Accuracy::offset)).toList();
        Axis x = Axis.log(rows.stream().map(Run.Accuracy::offset).toList(), Numbers::power);
        Axis y = Axis.log(Stream.concat(Stream.of(ULP), rows.stream().map(Run.Accuracy::error)).toList(),
                Numbers::power);
        Map<String, List<Run.Accuracy>> operations = new LinkedHashMap<>();
        rows.forEach(r -> operations.computeIfAbsent(r.operation(), o -> new ArrayList<>()).add(r));
        List<Plot> plots = new ArrayList<>();
        operations.forEach((operation, some) -> {
            Plot plot =
                    Plot.of(operation + ": largest error of y", x, y, "offset: mean of the data").horizontal(ULP, "");
            for (String backend : analysis.backends().reversed()) {
                List<Plot.Point> points =
                        some.stream().filter(r -> r.backend().equals(backend))
                                .map(r -> new Plot.Point(r.offset(), r.error(), backend + ", " + operation
                                        + " at offset " + Numbers.plain(r.offset()) + ": error " + error(r.error())))
                                .toList();
                plot.line(analysis.look(backend), points).marks(analysis.look(backend), points);
            }
            plots.add(plot);
        });
        return plots;
    }
}
