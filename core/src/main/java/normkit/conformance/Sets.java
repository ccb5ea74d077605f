package normkit.conformance;

import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** Which set, and which γ and β, an element belongs to, by definition: from its coordinates. */
final class Sets {

    private final Problem problem;
    private final TensorSpec x;
    private final long setSize;

    Sets(Problem problem) {
        this.problem = problem;
        this.x = problem.x();
        this.setSize = rowwise() ? Math.max(1, problem.setSize()) : 0;
    }

    private boolean rowwise() {
        return problem.operation() == Operation.LAYER_NORM || problem.operation() == Operation.RMS_NORM;
    }

    int count() {
        return (int) problem.statisticsSpec().elements();
    }

    int parameters() {
        return (int) problem.parameterSpec().elements();
    }

    int setOf(long element) {
        if (rowwise()) {
            return (int) (element / setSize);
        }
        long channel = channel(element);
        long sample = element / (x.channels() * x.spatial());
        return (int) switch (problem.operation()) {
            case BATCH_NORM -> channel;
            case GROUP_NORM -> sample * problem.groups() + channel / (x.channels() / problem.groups());
            default -> sample * x.channels() + channel;
        };
    }

    int parameterOf(long element) {
        return (int) (rowwise() ? element % setSize : channel(element));
    }

    private long channel(long element) {
        return x.layout() == Layout.CHANNELS_FIRST ? element / x.spatial() % x.channels() : element % x.channels();
    }
}
