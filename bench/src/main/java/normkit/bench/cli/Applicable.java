package normkit.bench.cli;

import java.util.Arrays;
import java.util.stream.Stream;
import normkit.spi.Operation;
import normkit.tensor.Layout;

/** What {@code apply} can run. */
sealed interface Applicable permits Applicable.Basic, Technique {

    /** Its name on the command line. */
    String label();

    /** The layout of x. */
    Layout layout(ProblemOptions problem);

    /** Everything there is. */
    static Applicable[] all() {
        return Stream.concat(Arrays.stream(Operation.values()).map(Basic::new), Arrays.stream(Technique.values()))
                .toArray(Applicable[]::new);
    }

    /** An operation, which every backend knows. */
    record Basic(Operation operation) implements Applicable {

        @Override
        public String label() {
            return operation.label();
        }

        @Override
        public Layout layout(ProblemOptions problem) {
            return problem.layout();
        }
    }
}
