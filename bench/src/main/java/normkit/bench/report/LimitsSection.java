package normkit.bench.report;

import java.util.List;

/** What the machine can do at most, as measured. */
final class LimitsSection {

    private LimitsSection() {
    }

    static Section of(Run run) {
        Section section = new Section("limits", "Limits of the machine");
        if (run.bandwidths().isEmpty() && run.fmas().isEmpty()) {
            return section.missing("There are no measured limits in this file.");
        }
        Table bandwidth = new Table("Memory bandwidth", List.of("kind", "memory touched", "threads", "bandwidth", "±"));
        for (Run.Bandwidth row : run.bandwidths()) {
            bandwidth.row(Table.Cell.of(row.kind()), Table.Cell.of(Numbers.bytes(row.workingSet()), row.workingSet()),
                    Table.Cell.of(String.valueOf(row.threads()), row.threads()),
                    Table.Cell.of(Numbers.rate(row.rate(), "B"), row.rate()),
                    Table.Cell.of(Numbers.rate(row.error(), "B"), row.error()));
        }
        Table fma = new Table("Fused multiply-adds, counted as two operations",
                List.of("type", "vector bits", "threads", "rate", "±"));
        for (Run.Fma row : run.fmas()) {
            fma.row(Table.Cell.of(row.type()), Table.Cell.of(String.valueOf(row.bits()), row.bits()),
                    Table.Cell.of(String.valueOf(row.threads()), row.threads()),
                    Table.Cell.of(Numbers.rate(row.rate(), "flop"), row.rate()),
                    Table.Cell.of(Numbers.rate(row.error(), "flop"), row.error()));
        }
        for (Table table : List.of(bandwidth, fma)) {
            if (table.size() > 0) {
                section.add(table.tag());
            }
        }
        return section;
    }
}
