package normkit.bench;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import normkit.scalar.ScalarBackend;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.ColumnKernels;
import normkit.spi.Execution;
import normkit.spi.KernelProvider;
import normkit.spi.Problem;
import normkit.spi.RunKernels;
import normkit.spi.Support;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** The portable backend, but for the last bit of the first element its kernels apply coefficients to. */
public final class WrongKernels implements Backend, KernelProvider {

    public static final String NAME = "wrong_kernels";

    private final ScalarBackend scalar = new ScalarBackend();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public boolean onlyByName() {
        return true;
    }

    @Override
    public int priority() {
        return -2;
    }

    @Override
    public Availability probe() {
        return new Availability.Available("always");
    }

    @Override
    public Support supports(Problem problem) {
        return scalar.supports(problem);
    }

    @Override
    public Execution prepare(Problem problem) {
        return scalar.prepare(problem);
    }

    @Override
    public Optional<KernelProvider> kernels() {
        return Optional.of(this);
    }

    @Override
    public RunKernels runs(DataType type) {
        return wrong(RunKernels.class, scalar.runs(type));
    }

    @Override
    public ColumnKernels columns(DataType type) {
        return wrong(ColumnKernels.class, scalar.columns(type));
    }

    private static <K> K wrong(Class<K> kind, K right) {
        return kind.cast(Proxy.newProxyInstance(kind.getClassLoader(), new Class<?>[] {kind}, (proxy, method, args) -> {
            try {
                Object result = method.invoke(right, args);
                if (method.getName().equals("apply")) {
                    nudge((Tensor) args[args.length - 1]);
                }
                return result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    private static void nudge(Tensor y) {
        double first = y.get(0);
        y.set(0, y.spec().type() == DataType.F32 ? Math.nextUp((float) first) : Math.nextUp(first));
    }
}
