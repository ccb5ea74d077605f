package normkit.dispatch;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What backends took for a problem.
 *
 * @param nanoseconds time by name of the backend, the fastest first
 */
record Verdict(Map<String, Double> nanoseconds) {

    /** Sorts. */
    Verdict {
        Map<String, Double> sorted = new LinkedHashMap<>();
        nanoseconds.entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue(Comparator.naturalOrder())
                .thenComparing(Map.Entry.comparingByKey())).forEach(e -> sorted.put(e.getKey(), e.getValue()));
        nanoseconds = sorted;
    }
}
