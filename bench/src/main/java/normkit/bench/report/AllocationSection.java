package normkit.bench.report;

import java.util.Comparator;
import java.util.List;

/** What calls allocate. */
final class AllocationSection {

    /** Below this, it is the profiler's own share of a byte. */
    private static final double SOMETHING = 1;

    private AllocationSection() {
    }

    static Section of(Analysis analysis) {
        Section section = new Section("allocation", "Allocation");
        List<Run.Row> known =
                analysis.run().rows().stream().filter(r -> !Double.isNaN(r.allocated()) && !r.isCopy()).toList();
        if (known.isEmpty()) {
            return section.missing("The file does not tell what calls allocate; JMH's gc profiler would.");
        }
        Table table = new Table("Bytes of Java heap allocated by a call",
                List.of("backend", "rows", "rows with 1 byte or more", "most bytes", "where"));
        for (String backend : analysis.backends()) {
            List<Run.Row> rows = known.stream().filter(r -> r.backend().equals(backend)).toList();
            rows.stream().max(Comparator.comparingDouble(Run.Row::allocated)).ifPresent(most -> {
                long some = rows.stream().filter(r -> r.allocated() >= SOMETHING).count();
                table.row(Table.Cell.of(backend), Table.Cell.of(String.valueOf(rows.size()), rows.size()),
                        Table.Cell.of(String.valueOf(some), some),
                        Table.Cell.of(Numbers.plain(most.allocated()), most.allocated()),
                        Table.Cell.of(most.problem().text()));
            });
        }
        return section.add(table.tag());
    }
}
