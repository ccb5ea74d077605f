package normkit.bench.report;

import static j2html.TagCreator.p;
import static normkit.bench.run.RegretRow.BOUND;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the planner's choices cost. */
final class RegretSection {

    private RegretSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("regret", "Dispatch regret");
        List<Run.Regret> regrets =
                analysis.run().regrets().stream().sorted(Comparator.comparingDouble(Run.Regret::ratio)).toList();
        if (regrets.isEmpty()) {
            return section.missing("There is nothing on the planner's choices in this file.");
        }
        Map<String, List<Run.Regret>> kinds = new LinkedHashMap<>();
        analysis.run().regrets().stream().sorted(Comparator.comparingLong(Run.Regret::threads))
                .forEach(r -> kinds.put(kind(r), new ArrayList<>()));
        regrets.forEach(r -> kinds.get(kind(r)).add(r));
        List<String> words = new ArrayList<>();
        words.add(
                "Time of the backend the planner chose, in that of the fastest one, from the best choice to the worst. "
                        + "Colour and marker are the chosen backend's; the line is the 5 % that choices may cost.");
        kinds.forEach((kind, rows) -> words.add(sentence(kind, rows)));
        Axis y = Axis.log(Stream.concat(Stream.of(1.0, BOUND), regrets.stream().map(Run.Regret::ratio)).toList(),
                Numbers::ratioTick);
        List<Plot> plots = new ArrayList<>();
        kinds.forEach((kind, rows) -> plots.add(plot(analysis, kind, rows, y)));
        section.figure(words, plots);
        Table table = worst(regrets.reversed());
        return table.size() > 0 ? section.add(table.tag()) : section.add(p("No choice costs more than 5 %."));
    }

    /** What a plot is of: how the planner decided, and how many threads shared a call. */
    private static String kind(Run.Regret row) {
        return "by " + row.effort() + ", " + Numbers.count(row.threads(), "thread");
    }

    private static boolean isAbove(Run.Regret row) {
        return !(row.ratio() <= BOUND);
    }

    private static String sentence(String kind, List<Run.Regret> rows) {
        long within = rows.stream().filter(r -> !isAbove(r)).count();
        Run.Regret worst = rows.getLast();
        return "B" + kind.substring(1) + ": " + within + " of " + Numbers.count(rows.size(), "choice")
                + " are within 5 % (" + Numbers.percent((double) within / rows.size()) + "); the worst is "
                + Numbers.ratio(worst.ratio()) + ", " + worst.problem().text() + ".";
    }

    private static Plot plot(Analysis analysis, String kind, List<Run.Regret> rows, Axis y) {
        int last = rows.size();
        Axis x = Axis.linear(0, last + 1.0,
                Stream.of(1, (last + 1) / 2, last).distinct().map(i -> new Axis.Tick(i, i.toString(), false)).toList());
        Plot plot = Plot.of(kind + ": chosen ÷ fastest", x, y, "choices, best to worst").horizontal(BOUND, "5 %");
        for (int i = 0; i < last; i++) {
            Run.Regret row = rows.get(i);
            plot.marks(analysis.look(row.chosen()), List.of(new Plot.Point(i + 1, row.ratio(), row.problem().text()
                    + ": " + row.chosen() + " chosen, " + Numbers.ratio(row.ratio()) + " of " + row.best())));
        }
        return plot;
    }

    private static Table worst(List<Run.Regret> regrets) {
        Table table = new Table("Choices that cost more than 5 %",
                List.of("problem", "threads", "effort", "chosen", "fastest", "chosen ÷ fastest"));
        regrets.stream().filter(RegretSection::isAbove).forEach(r -> table.row(cells(r)));
        return table;
    }

    private static List<Table.Cell> cells(Run.Regret row) {
        return List.of(Table.Cell.of(row.problem().text()), Table.Cell.of(String.valueOf(row.threads()), row.threads()),
                Table.Cell.of(row.effort()), Table.Cell.of(row.chosen()), Table.Cell.of(row.best()),
                Table.Cell.of(Numbers.ratio(row.ratio()), row.ratio()));
    }

    /** All choices. */
    static Table all(Run run) {
        Table table = new Table("Every choice of the planner",
                List.of("problem", "threads", "effort", "chosen", "fastest", "chosen ÷ fastest"));
        run.regrets().forEach(r -> table.row(cells(r)));
        return table;
    }
}
