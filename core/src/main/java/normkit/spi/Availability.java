package normkit.spi;

import java.util.Objects;

/** Whether a backend can run in this process at all. */
public sealed interface Availability {

    /**
     * The backend runs.
     *
     * @param details what it found, such as a vector width or a library version
     */
    record Available(String details) implements Availability {
        /** Checks that there are details. */
        public Available {
            Objects.requireNonNull(details, "details");
        }
    }

    /**
     * The backend cannot run.
     *
     * @param reason the first cause, and what to do about it where something can be done
     */
    record Unavailable(String reason) implements Availability {
        /** Checks that there is a reason. */
        public Unavailable {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
