package normkit.scalar;

import java.util.Optional;
import normkit.engine.KernelExecution;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.ColumnKernels;
import normkit.spi.Execution;
import normkit.spi.KernelProvider;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import normkit.spi.RunKernels;
import normkit.spi.Support;
import normkit.tensor.DataType;

/** The portable backend: runs everywhere, solves everything, and defines the bits. */
public final class ScalarBackend implements Backend, KernelProvider {

    /** Made by the service loader. */
    public ScalarBackend() {
    }

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Availability probe() {
        return new Availability.Available("plain Java loops");
    }

    @Override
    public Support supports(Problem problem) {
        return KernelExecution.supports(problem, "scalar", ScalarCosts.of(problem));
    }

    @Override
    public boolean fuses() {
        return true;
    }

    @Override
    public Execution prepare(Problem problem) {
        return prepare(problem, Parallelism.NONE);
    }

    @Override
    public Optional<KernelProvider> kernels() {
        return Optional.of(this);
    }

    @Override
    public Execution prepare(Problem problem, Parallelism parallelism) {
        return new KernelExecution(problem, this, parallelism);
    }

    @Override
    public RunKernels runs(DataType type) {
        return new ScalarRuns(type);
    }

    @Override
    public ColumnKernels columns(DataType type) {
        return new ScalarColumns(type);
    }
}
