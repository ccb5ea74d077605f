package normkit.bench.study;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a study is asked for.
 *
 * @param quick whether a few shapes will do, within three minutes
 * @param backends names of the backends, all of them available
 * @param filter texts that the description of a problem must have, such as {@code layer_norm} or {@code 256x768}; a comma
 *        separates those of which one will do
 * @param forks number of JVMs each row is measured in
 * @param threads numbers of threads each problem is run by at a time
 * @param degrees numbers of threads that share a call
 */
public record StudyOptions(boolean quick, List<String> backends, List<String> filter, int forks, List<Integer> threads,
        List<Integer> degrees) {

    /** Copies the lists. */
    public StudyOptions {
        backends = List.copyOf(backends);
        filter = List.copyOf(filter);
        threads = List.copyOf(threads);
        degrees = List.copyOf(degrees);
    }

    /**
     * Returns the options of a quick study.
     *
     * @param backends names of the backends, all of them available
     * @return one JVM and one thread per row, without a filter
     */
    public static StudyOptions quick(List<String> backends) {
        return new StudyOptions(true, backends, List.of(), 1, List.of(1), List.of(1));
    }

    /** Whether the filter leaves something of a description. */
    boolean accepts(String description) {
        return filter.stream().allMatch(texts -> Stream.of(texts.split(",")).anyMatch(description::contains));
    }
}
