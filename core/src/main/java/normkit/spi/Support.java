package normkit.spi;

import java.util.Objects;

/** A backend's answer to a problem. */
public sealed interface Support {

    /**
     * The backend solves the problem.
     *
     * @param implementation name of the implementation that would run
     * @param cost what it takes, perhaps {@link Cost#UNKNOWN}
     */
    record Supported(String implementation, Cost cost) implements Support {
        /** Checks that there is a name and a cost. */
        public Supported {
            Objects.requireNonNull(implementation, "implementation");
            Objects.requireNonNull(cost, "cost");
        }

        /**
         * An implementation of unknown cost.
         *
         * @param implementation its name
         */
        public Supported(String implementation) {
            this(implementation, Cost.UNKNOWN);
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

    /**
     * Returns this answer with the cost of what would run.
     *
     * @param cost what it takes
     * @return changed answer; this one if declined
     */
    default Support at(Cost cost) {
        return this instanceof Supported supported ? new Supported(supported.implementation(), cost) : this;
    }
}
