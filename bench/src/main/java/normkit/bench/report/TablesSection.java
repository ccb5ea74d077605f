package normkit.bench.report;

import static j2html.TagCreator.p;

import java.util.List;

/** All numbers of the file. */
final class TablesSection {

    private final Analysis analysis;
    private final Run run;

    private TablesSection(Analysis analysis) {
        this.analysis = analysis;
        this.run = analysis.run();
    }

    /** Everything that was timed, and what is not plotted elsewhere. */
    static Section of(Analysis analysis) {
        return new TablesSection(analysis).section();
    }

    private Section section() {
        Section section = new Section("tables", "All numbers");
        List<Table> tables = List.of(rows(), sweeps(), accuracies(), RegretSection.all(run));
        if (tables.stream().allMatch(t -> t.size() == 0)) {
            return section.missing("The file has no rows.");
        }
        section.add(p("A click on a column's head sorts by it. Times are of one call, with JMH's 99.9 % confidence "
                + "interval where it gives one."));
        if (run.others() > 0) {
            section.add(p("Not shown: " + Numbers.count(run.others(), "row") + " of other benchmarks."));
        }
        long untimed = run.rows().stream().filter(r -> Double.isNaN(r.time())).count()
                + run.sweeps().stream().filter(r -> Double.isNaN(r.time())).count();
        if (untimed > 0) {
            section.add(
                    p(Numbers.count(untimed, "row") + " without a time: in the tables, but not in plots and means."));
        }
        return section.folded("Times: " + Numbers.count(run.rows().size(), "row"), tables.get(0))
                .folded("Size sweep: " + Numbers.count(run.sweeps().size(), "row"), tables.get(1))
                .folded("Accuracy: " + Numbers.count(run.accuracies().size(), "row"), tables.get(2))
                .folded("Dispatch: " + Numbers.count(run.regrets().size(), "choice"), tables.get(3));
    }

    private Table rows() {
        Table table = new Table("Every measured row", List.of("operation", "pass", "layout", "shape", "groups",
                "backend", "callers", "degree", "time", "±", "÷ copy", "of roofline", "bytes allocated"));
        for (Run.Row row : run.rows()) {
            Run.Problem problem = row.problem();
            double relative = analysis.relative(row);
            double fraction = row.isCopy() ? Double.NaN : analysis.fraction(row);
            table.row(Table.Cell.of(problem.operation()), Table.Cell.of(problem.pass()),
                    Table.Cell.of(problem.layout()), Table.Cell.of(problem.shape(), problem.bytes()),
                    Table.Cell.of(problem.groups()), Table.Cell.of(row.backend()),
                    Table.Cell.of(String.valueOf(row.threads()), row.threads()),
                    Table.Cell.of(String.valueOf(row.degree()), row.degree()),
                    Table.Cell.of(Numbers.time(row.time()), row.time()),
                    Table.Cell.of(Numbers.time(row.error()), row.error()),
                    Table.Cell.of(Numbers.ratio(relative), relative),
                    Table.Cell.of(Numbers.percent(fraction), fraction),
                    Table.Cell.of(Numbers.plain(row.allocated()), row.allocated()));
        }
        return table;
    }

    private Table sweeps() {
        Table table = new Table("Every row of the size sweep",
                List.of("operation", "backend", "size of x", "time", "±", "read and written"));
        for (Run.Sweep row : run.sweeps()) {
            double rate = row.traffic() / row.time();
            table.row(Table.Cell.of(row.operation()), Table.Cell.of(row.backend()),
                    Table.Cell.of(Numbers.bytes(row.bytes()), row.bytes()),
                    Table.Cell.of(Numbers.time(row.time()), row.time()),
                    Table.Cell.of(Numbers.time(row.error()), row.error()),
                    Table.Cell.of(Numbers.rate(rate, "B"), rate));
        }
        return table;
    }

    private Table accuracies() {
        Table table = new Table("Every measured error", List.of("operation", "backend", "offset", "largest error"));
        for (Run.Accuracy row : run.accuracies()) {
            table.row(Table.Cell.of(row.operation()), Table.Cell.of(row.backend()),
                    Table.Cell.of(Numbers.plain(row.offset()), row.offset()),
                    Table.Cell.of(AccuracySection.error(row.error()), row.error()));
        }
        return table;
    }
}
