package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import normkit.scalar.ScalarBackend;
import normkit.spi.ColumnKernels;
import normkit.spi.Cost;
import normkit.spi.KernelProvider;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.RunKernels;
import normkit.spi.Support;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How many sets kernels want at once does not show in what results. */
class RunMemberTest {

    /** The scalar kernels, which seem to want a number of bytes at once. */
    private record Wanting(long bytes) implements KernelProvider {

        @Override
        public RunKernels runs(DataType type) {
            RunKernels kernels = new ScalarBackend().runs(type);
            return (RunKernels) Proxy.newProxyInstance(RunKernels.class.getClassLoader(),
                    new Class<?>[] {RunKernels.class},
                    (proxy, method, arguments) -> method.getName().equals("tileBytes")
                            ? bytes
                            : method.invoke(kernels, arguments));
        }

        @Override
        public ColumnKernels columns(DataType type) {
            return new ScalarBackend().columns(type);
        }
    }

    static List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (Pass pass : Pass.values()) {
            // More sets than coefficients are filled for at once.
            problems.add(problem(Operation.BATCH_NORM, pass, 0, 1, 3000, 2));
            // Tiles that begin and end within a sample, so that parameters go round.
            problems.add(problem(Operation.INSTANCE_NORM, pass, 0, 700, 3, 2));
            problems.add(problem(Operation.INSTANCE_NORM, pass, 0, 9, 37, 2));
            problems.add(problem(Operation.GROUP_NORM, pass, 3, 40, 6, 2));
        }
        problems.removeIf(problem -> KernelExecution.supports(problem, "", Cost.UNKNOWN) instanceof Support.Declined);
        return problems;
    }

    private static Problem problem(Operation operation, Pass pass, long groups, long... shape) {
        TensorSpec x = TensorSpec.of(DataType.F32, Layout.CHANNELS_FIRST, shape);
        return new Problem(operation, pass, x, 0, groups, true, true, 1e-5);
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(0.5, 2));
        }
        return tensor;
    }

    @ParameterizedTest
    @MethodSource("problems")
    void theSizeOfATileDoesNotShow(Problem problem) {
        long set = problem.setSize() * problem.type().bytes();
        Object[] fewAtOnce = run(problem, new Wanting(0));
        assertArrayEquals(fewAtOnce, run(problem, new Wanting(10 * set)));
        assertArrayEquals(fewAtOnce, run(problem, new Wanting(50 * set)));
        assertArrayEquals(fewAtOnce, run(problem, new Wanting(problem.x().byteSize())));
    }

    /** All that is written. */
    private static Object[] run(Problem problem, KernelProvider kernels) {
        KernelExecution execution = new KernelExecution(problem, kernels, Parallelism.NONE);
        Tensor scale = random(problem.parameterSpec(), 2);
        Tensor mean = random(problem.statisticsSpec(), 3);
        Tensor rstd = random(problem.statisticsSpec(), 4);
        Statistics statistics = new Statistics(mean, null, rstd);
        Tensor out = Tensor.allocate(problem.x());
        Tensor dscale = random(problem.parameterSpec(), 5);
        Tensor dshift = random(problem.parameterSpec(), 6);
        Tensor x = random(problem.x(), 1);
        if (problem.pass().backward()) {
            execution.backward(random(problem.x(), 7), x, scale, statistics, out, dscale, dshift);
        } else {
            execution.forward(x, scale, dshift, statistics, out);
        }
        return new Object[] {out.array(), mean.array(), rstd.array(), dscale.array(), dshift.array()};
    }
}
