package normkit.dispatch;

import normkit.scalar.ScalarBackend;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Backends for a process of their own: one that cannot run, one that declines most, one that cannot be loaded. */
final class FakeBackends {

    private FakeBackends() {
    }

    /** Not available here. */
    public static final class Absent implements Backend {

        /** Made by the service loader. */
        public Absent() {
        }

        @Override
        public String name() {
            return "absent";
        }

        @Override
        public int priority() {
            return 50;
        }

        @Override
        public Availability probe() {
            return new Availability.Unavailable("no such unit in this machine");
        }

        @Override
        public Support supports(Problem problem) {
            throw new AssertionError("asked although not available");
        }

        @Override
        public Execution prepare(Problem problem) {
            throw new AssertionError("chosen although not available");
        }
    }

    /** Layer norm only. */
    public static final class Choosy implements Backend {

        /** Made by the service loader. */
        public Choosy() {
        }

        @Override
        public String name() {
            return "choosy";
        }

        @Override
        public String edition() {
            return "edition 7";
        }

        @Override
        public int priority() {
            return 10;
        }

        @Override
        public Availability probe() {
            return new Availability.Available("here");
        }

        @Override
        public Support supports(Problem problem) {
            return problem.operation() == Operation.LAYER_NORM
                    ? new Support.Supported("choosy:rows")
                    : new Support.Declined("layer norm only");
        }

        @Override
        public Execution prepare(Problem problem) {
            return new ClosedOnce(new ScalarBackend().prepare(problem));
        }
    }

    /** Notices being closed again, or run when closed, as an execution that frees native memory would. */
    private static final class ClosedOnce implements Execution {

        private final Execution execution;
        private boolean closed;

        ClosedOnce(Execution execution) {
            this.execution = execution;
        }

        private void requireOpen() {
            if (closed) {
                throw new AssertionError("used after it was closed");
            }
        }

        @Override
        public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
            requireOpen();
            execution.forward(x, scale, shift, statistics, y);
        }

        @Override
        public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
                Tensor dshift) {
            requireOpen();
            execution.backward(dy, x, scale, statistics, dx, dscale, dshift);
        }

        @Override
        public void close() {
            requireOpen();
            closed = true;
            execution.close();
        }
    }

    /** Fails as a provider does whose module is missing. */
    public static final class Broken implements Backend {

        /** Made by the service loader. */
        public Broken() {
            throw new NoClassDefFoundError("of/a/Library");
        }

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public int priority() {
            return 99;
        }

        @Override
        public Availability probe() {
            throw new AssertionError();
        }

        @Override
        public Support supports(Problem problem) {
            throw new AssertionError();
        }

        @Override
        public Execution prepare(Problem problem) {
            throw new AssertionError();
        }
    }
}
