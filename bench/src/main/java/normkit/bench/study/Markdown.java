package normkit.bench.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import normkit.bench.console.Digits;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.run.Machine;
import normkit.bench.run.Workload;

/** A result as Markdown tables, for a page of docs. */
public final class Markdown {

    private static final Set<String> OWN = Set.of("scalar", "simd");
    private static final String OURS = "simd";
    private static final double GIGA = 1e9;

    private final ResultFile result;
    private final Figures figures;
    private final StringBuilder text = new StringBuilder();

    /**
     * Makes the tables.
     *
     * @param result what was measured
     */
    public Markdown(ResultFile result) {
        this.result = result;
        this.figures = new Figures(result);
        machine();
        verdicts();
        problems();
        limits();
        sweeps();
        accuracy();
        regret();
    }

    /** Returns the machine, verdicts and tables, each under a heading of its own. */
    @Override
    public String toString() {
        return text.toString();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void table(String heading, List<String> header, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        line("");
        line("## " + heading);
        line("");
        line("| " + String.join(" | ", header) + " |");
        line("|" + "---|".repeat(header.size()));
        rows.forEach(row -> line("| " + String.join(" | ", row) + " |"));
    }

    private void machine() {
        List<String> facts = new ArrayList<>();
        Machine machine = result.machine();
        if (machine != null) {
            machine.facts().forEach((name, value) -> {
                if (!name.equals("features")) {
                    facts.add(value);
                }
            });
            machine.versions().forEach((name, version) -> facts.add(name + " " + version));
            facts.add("JVM flags " + String.join(" ", machine.flags()));
        }
        result.facts().forEach((name, value) -> {
            if (name.equals("created") || name.equals("commit")) {
                facts.add(name + " " + value);
            }
        });
        line(String.join("; ", facts));
        if (!result.isComplete()) {
            line("");
            line("The run was interrupted; rows are missing.");
        }
        if (!result.leftOut().isEmpty()) {
            line("");
            line("There was no time for " + String.join(", ", result.leftOut()) + ".");
        }
    }

    private void verdicts() {
        List<String> verdicts = figures.backends().stream().filter(backend -> !backend.equals(OURS))
                .map(other -> figures.verdict(OURS, other)).flatMap(Optional::stream).toList();
        if (!verdicts.isEmpty()) {
            line("");
            verdicts.forEach(verdict -> line("- " + verdict));
        }
    }

    private void problems() {
        List<String> backends = figures.backends();
        Set<String> peers = new LinkedHashSet<>(backends);
        peers.removeAll(OWN);
        List<String> header = new ArrayList<>(
                List.of("norm", "pass", "layout", "shape", "groups", "threads", "degree", NormBenchmark.COPY));
        header.addAll(backends);
        header.addAll(List.of("best peer ÷ " + OURS, OURS + " ÷ copy", OURS + " of roofline"));
        List<List<String>> rows = new ArrayList<>();
        for (Figures.Problem problem : figures.problems()) {
            Workload workload = problem.workload();
            List<String> row = new ArrayList<>(List.of(workload.operation().replace("_norm", ""), workload.pass(),
                    workload.layout(), workload.shape(), workload.groups().equals("0") ? "" : workload.groups(),
                    Integer.toString(problem.threads()), Integer.toString(problem.degree()),
                    digits(figures.time(problem, NormBenchmark.COPY))));
            backends.forEach(backend -> row.add(digits(figures.time(problem, backend))));
            Optional<String> best = figures.fastest(problem, peers);
            row.add(best.map(peer -> digits(figures.ratio(problem, peer, OURS)) + " (" + peer + ")").orElse(""));
            row.add(digits(figures.ratio(problem, OURS, NormBenchmark.COPY)));
            OptionalDouble roofline = figures.roofline(problem, OURS);
            row.add(roofline.isPresent() ? Summary.percent(roofline) : "");
            rows.add(row);
        }
        table("Times in microseconds", header, rows);
    }

    private void limits() {
        Map<String, Map<String, String>> bySize = new LinkedHashMap<>();
        Set<String> kinds = new LinkedHashSet<>();
        for (Limits.Bandwidth b : result.limits().bandwidth()) {
            String kind = b.kind() + (b.threads() == 1 ? "" : ", " + b.threads() + " threads");
            kinds.add(kind);
            bySize.computeIfAbsent(size(b.workingSet()), size -> new LinkedHashMap<>()).put(kind,
                    Digits.three(b.bytesPerSecond() / GIGA));
        }
        grid("Memory in GB/s by working set", "working set", kinds, bySize);
        table("Multiply-adds in GFLOP/s", List.of("type", "bits", "threads", "rate"),
                result.limits().fma().stream()
                        .map(fma -> List.of(fma.type(), Integer.toString(fma.bits()), Integer.toString(fma.threads()),
                                String.format(Locale.ROOT, "%.0f", fma.flopsPerSecond() / GIGA)))
                        .toList());
    }

    private void sweeps() {
        Map<String, Map<String, Map<String, String>>> byOperation = new LinkedHashMap<>();
        Set<String> backends = new LinkedHashSet<>();
        for (Row row : result.rows()) {
            if (row.isSweep()) {
                backends.add(row.backend());
                byOperation.computeIfAbsent(row.params().get("operation"), operation -> new LinkedHashMap<>())
                        .computeIfAbsent(size(Long.parseLong(row.params().get("bytes"))), size -> new LinkedHashMap<>())
                        .put(row.backend(), Digits.three(row.score()));
            }
        }
        byOperation.forEach(
                (operation, bySize) -> grid(operation + " by size of x, in microseconds", "x", backends, bySize));
    }

    private void accuracy() {
        Set<String> backends = new LinkedHashSet<>();
        Map<String, Map<String, String>> byCase = new LinkedHashMap<>();
        for (Accuracy row : result.accuracy()) {
            backends.add(row.backend());
            byCase.computeIfAbsent(row.operation() + ", mean " + String.format(Locale.ROOT, "%.0f", row.offset()),
                    name -> new LinkedHashMap<>()).put(row.backend(), String.format(Locale.ROOT, "%.1e", row.error()));
        }
        grid("Largest error of y in standard deviations", "data", backends, byCase);
    }

    private void regret() {
        table("Choices that cost more than 5%",
                List.of("norm", "pass", "layout", "shape", "effort", "chosen", "best", "ratio"),
                result.regret().stream().filter(choice -> choice.ratio() > 1.05)
                        .map(choice -> List.of(choice.operation().replace("_norm", ""), choice.pass(), choice.layout(),
                                choice.shape(), choice.effort(), choice.chosen(), choice.best(),
                                Digits.three(choice.ratio())))
                        .toList());
    }

    /** A table with a column per name. */
    private void grid(String heading, String corner, Set<String> columns, Map<String, Map<String, String>> rows) {
        List<String> header = new ArrayList<>(List.of(corner));
        header.addAll(columns);
        List<List<String>> cells = new ArrayList<>();
        rows.forEach((name, values) -> {
            List<String> row = new ArrayList<>(List.of(name));
            columns.forEach(column -> row.add(values.getOrDefault(column, "")));
            cells.add(row);
        });
        table(heading, header, cells);
    }

    private static String size(long bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }

    private static String digits(OptionalDouble value) {
        return value.isPresent() ? Digits.three(value.getAsDouble()) : "";
    }
}
