package normkit.bench.apply;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import normkit.tensor.Layout;

/**
 * An operation, which every backend knows.
 *
 * @param operation the operation
 */
record BasicOperation(Operation operation) implements Applicable {

    /** Not all go with every operation and mode; {@link OperationApplication} and {@link PaddedApplication} tell with which. */
    private static final Set<String> OPTIONS = Set.of("--scale", "--shift", "--mean", "--rstd", "--var",
            "--running-mean", "--running-var", "--eps", "--backend", "--frozen", "--groups", "--normalized-shape",
            "--lengths", "--mask", "--activation", "--activation-before", "--residual", "--dsum");
    private static final Set<String> OF_BATCH_NORM = Set.of("--momentum", "--momentum-of-old", "--cumulative",
            "--batches", "--running-variance", "--single-value");

    static Stream<BasicOperation> all() {
        return Stream.of(Operation.values()).map(BasicOperation::new);
    }

    @Override
    public String label() {
        return operation.label();
    }

    @Override
    public Layout layout() {
        return Workload.layout(operation);
    }

    @Override
    public Set<String> options() {
        return operation == Operation.BATCH_NORM
                ? Stream.of(OPTIONS, OF_BATCH_NORM).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet())
                : OPTIONS;
    }

    @Override
    public Results apply(Run run) {
        return run.padding.given()
                ? new PaddedApplication(operation, run).run()
                : new OperationApplication(operation, run).run();
    }
}
