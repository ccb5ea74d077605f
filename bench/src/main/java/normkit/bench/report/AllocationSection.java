package normkit.bench.report;

import static j2html.TagCreator.p;

import java.util.Comparator;
import java.util.List;

/** What calls allocate. */
final class AllocationSection {

    /** The smallest object; less per call is JMH's own. */
    private static final double SOMETHING = 16;

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
                List.of("backend", "rows", "rows that allocate", "most bytes", "where"));
        for (String backend : analysis.backends()) {
            List<Run.Row> rows = known.stream().filter(r -> r.backend().equals(backend)).toList();
            rows.stream().max(Comparator.comparingDouble(Run.Row::allocated)).ifPresent(most -> {
                long some = rows.stream().filter(AllocationSection::allocates).count();
                table.row(Table.Cell.of(backend), Table.Cell.of(String.valueOf(rows.size()), rows.size()),
                        Table.Cell.of(String.valueOf(some), some),
                        allocates(most)
                                ? Table.Cell.of(Numbers.plain(most.allocated()), most.allocated())
                                : Table.Cell.of("0", 0),
                        Table.Cell.of(allocates(most) ? most.problem().text() : "–"));
            });
        }
        return section.add(p("The least of all iterations. JMH allocates some KB in each iteration, which show where a "
                + "call is so slow that an iteration has few.")).add(table.tag());
    }

    private static boolean allocates(Run.Row row) {
        return row.allocated() >= SOMETHING;
    }
}
