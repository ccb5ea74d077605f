package normkit.bench.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.Workload;

/** What was measured, and the table it makes. */
final class Timings {

    private static final int LEFT_COLUMNS = 4;
    private static final String NONE = "-";
    private static final double PER_MICROSECOND_TO_GIGA_PER_SECOND = 1e3;

    private final List<String> backends;
    private final Map<Key, Double> microseconds = new HashMap<>();

    /** Workloads with tensors of one size share a copy. */
    private record Key(Object workloadOrSize, String backend) {
        static Key of(Workload workload, String backend) {
            return new Key(backend.equals(NormBenchmark.COPY) ? workload.problem().x().byteSize() : workload, backend);
        }
    }

    Timings(List<String> backends) {
        this.backends = List.copyOf(backends);
    }

    void put(Workload workload, String backend, double time) {
        microseconds.put(Key.of(workload, backend), time);
    }

    boolean has(Workload workload, String backend) {
        return microseconds.containsKey(Key.of(workload, backend));
    }

    private Optional<Double> get(Workload workload, String backend) {
        return Optional.ofNullable(microseconds.get(Key.of(workload, backend)));
    }

    /** One row per workload: time per backend, that time over a copy's, and how fast the fastest moves its tensors. */
    String table() {
        TextTable table = new TextTable(LEFT_COLUMNS);
        List<String> first = new ArrayList<>(List.of("", "", "", "", NormBenchmark.COPY));
        List<String> second = new ArrayList<>(List.of("operation", "pass", "layout", "shape", "µs"));
        for (String backend : backends) {
            first.addAll(List.of(backend, ""));
            second.addAll(List.of("µs", "×copy"));
        }
        first.addAll(List.of("fastest", ""));
        second.addAll(List.of("", "GB/s"));
        table.add(first);
        table.add(second);
        for (Workload workload : Workload.values()) {
            table.add(row(workload));
        }
        return table.toString();
    }

    private List<String> row(Workload workload) {
        List<String> cells = new ArrayList<>(List.of(workload.problem().operation().label(),
                workload.problem().pass().name().toLowerCase(Locale.ROOT),
                LayoutName.of(workload.problem().x().layout()), workload.shape()));
        Optional<Double> copy = get(workload, NormBenchmark.COPY);
        cells.add(copy.map(Timings::number).orElse(NONE));
        for (String backend : backends) {
            Optional<Double> time = get(workload, backend);
            cells.add(time.map(Timings::number).orElse(NONE));
            cells.add(time.flatMap(t -> copy.map(c -> number(t / c))).orElse(NONE));
        }
        Optional<String> fastest = backends.stream().filter(b -> has(workload, b))
                .min(Comparator.comparing(b -> get(workload, b).orElseThrow()));
        cells.add(fastest.orElse(NONE));
        cells.add(fastest.flatMap(b -> get(workload, b))
                .map(t -> number(workload.traffic() / t / PER_MICROSECOND_TO_GIGA_PER_SECOND)).orElse(NONE));
        return cells;
    }

    /** About three digits. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
