package normkit.bench.apply;

import java.util.Set;
import java.util.stream.Stream;
import normkit.tensor.Layout;

/** What {@code apply} can run. */
sealed interface Applicable permits BasicOperation, Technique {

    /** What every one reads, whatever it computes. */
    Set<String> COMMON = Set.of("--x", "--out", "--png", "--pixels", "--mode", "--layout", "--dy");

    /** Everything there is. */
    static Stream<Applicable> all() {
        return Stream.concat(BasicOperation.all(), Stream.of(Technique.values()));
    }

    /** Its name on the command line. */
    String label();

    /** The layout of x if the user names none. */
    Layout layout();

    /** The options it has a use for, beside {@link #COMMON}. */
    Set<String> options();

    /** Computes. */
    Results apply(Run run);
}
