package normkit.bench.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import normkit.spi.Operation;

/** What {@code apply} can run. */
sealed interface Applicable permits Applicable.Basic, Technique {

    /** Its name on the command line. */
    String label();

    /** Everything there is. */
    static Applicable[] all() {
        return Stream.concat(Arrays.stream(Operation.values()).map(Basic::new), Arrays.stream(Technique.values()))
                .toArray(Applicable[]::new);
    }

    /** An operation, which every backend knows. */
    record Basic(Operation operation) implements Applicable {

        static final String NAMES =
                Arrays.stream(Operation.values()).map(Operation::label).collect(Collectors.joining(", "));

        @Override
        public String label() {
            return operation.label();
        }
    }
}
