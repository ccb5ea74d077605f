package normkit.bench;

import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** A backend that claims to know layer norm and writes zeros, which nobody may believe. */
public final class WrongBackend implements Backend {

    public static final String NAME = "wrong";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return -1;
    }

    @Override
    public Availability probe() {
        return new Availability.Available("always");
    }

    @Override
    public Support supports(Problem problem) {
        return problem.operation() == Operation.LAYER_NORM && problem.pass() == Pass.FORWARD
                ? new Support.Supported("zeros")
                : new Support.Declined("only writes zeros for layer_norm forward");
    }

    @Override
    public Execution prepare(Problem problem) {
        return new Zeros();
    }

    private static final class Zeros implements Execution {

        @Override
        public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
            for (long i = 0; i < y.spec().elements(); i++) {
                y.set(i, 0);
            }
        }

        @Override
        public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
                Tensor dshift) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
        }
    }
}
