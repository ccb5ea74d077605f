package normkit.spi;

import java.util.Objects;

/** A backend's answer to a problem. */
public sealed interface Support {

    /**
     * The backend solves the problem.
     *
     * @param implementation name of the implementation that would run
     */
    record Supported(String implementation) implements Support {
        /** Checks that there is a name. */
        public Supported {
            Objects.requireNonNull(implementation, "implementation");
        }
    }

    /**
     * The backend does not solve the problem.
     *
     * @param reason why, in words for a person
     */
    record Declined(String reason) implements Support {
        /** Checks that there is a reason. */
        public Declined {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
