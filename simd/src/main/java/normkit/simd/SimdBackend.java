package normkit.simd;

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

/**
 * The backend on {@code jdk.incubator.vector}: every operation, pass, layout and element type, on the heap and off it, with
 * the bits of docs/numerics.md whatever the size of a vector.
 *
 * <p>On the class path it needs the flag {@code --add-modules jdk.incubator.vector}; on the module path it needs none. The
 * system property {@code normkit.vectorBits} sets the size of a vector (128, 256 or 512, at most what the CPU has), and
 * {@code normkit.specialize=false} runs the loops unspecialized, which is right but slow. Thread-safe.
 */
public final class SimdBackend implements Backend, KernelProvider {

    /** Made by the service loader; touches no vector. */
    public SimdBackend() {
    }

    @Override
    public String name() {
        return "simd";
    }

    /** Returns the size of a vector. */
    @Override
    public String edition() {
        return Gate.refusal() == null ? VectorBits.get() + "-bit" : "off";
    }

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Availability probe() {
        String refusal = Gate.refusal();
        return refusal != null
                ? new Availability.Unavailable(refusal)
                : new Availability.Available(VectorBits.get() + "-bit vectors");
    }

    @Override
    public Support supports(Problem problem) {
        return KernelExecution.supports(problem, "simd:" + VectorBits.get(), SimdCosts.of(problem));
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
        return new SimdRuns(type);
    }

    @Override
    public ColumnKernels columns(DataType type) {
        return new SimdColumns(type);
    }
}
