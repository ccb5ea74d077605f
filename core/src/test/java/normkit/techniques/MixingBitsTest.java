package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import normkit.PlanOptions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same bits wherever tensors are, in place or not, on one thread or several. */
class MixingBitsTest {

    private static final int THREADS = 4;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject.Technique technique : Subject.Technique.values()) {
            for (DataType type : DataType.values()) {
                cases.add(Arguments.of(technique, TensorSpec.of(type, Layout.CHANNELS_FIRST, 3, 5, 7, 9)));
                cases.add(Arguments.of(technique, TensorSpec.of(type, Layout.CHANNELS_LAST, 3, 7, 9, 5)));
                cases.add(Arguments.of(technique, TensorSpec.of(type, Layout.CHANNELS_FIRST, 33, 20)));
                cases.add(Arguments.of(technique, TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 2, 9000)));
            }
        }
        return cases;
    }

    private static Map<String, long[]> run(Subject subject) {
        subject.forward(subject.out("y"));
        subject.backward(subject.out("dx"));
        return bits(subject);
    }

    private static Map<String, long[]> bits(Subject subject) {
        Map<String, long[]> bits = new LinkedHashMap<>();
        subject.outputs.forEach((name, tensor) -> bits.put(name, bits(tensor)));
        return bits;
    }

    private static long[] bits(Tensor tensor) {
        long[] bits = new long[(int) tensor.spec().elements()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(tensor.get(i));
        }
        return bits;
    }

    private static Map<String, long[]> expected(Subject.Technique technique, TensorSpec spec) {
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT.backend("scalar"), Tensor::allocate)) {
            return run(subject);
        }
    }

    private static void assertSame(Map<String, long[]> expected, Map<String, long[]> actual) {
        expected.forEach((name, bits) -> assertArrayEquals(bits, actual.get(name), name));
    }

    private static void check(Subject.Technique technique, TensorSpec spec, PlanOptions options,
            Function<TensorSpec, Tensor> memory) {
        try (Subject subject = technique.on(spec, options.backend("scalar"), memory)) {
            assertSame(expected(technique, spec), run(subject));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nativeMemoryGivesTheBitsOfArrays(Subject.Technique technique, TensorSpec spec) {
        try (Arena arena = Arena.ofConfined()) {
            check(technique, spec, PlanOptions.DEFAULT, each -> Tensor.allocate(each, arena));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void severalThreadsGiveTheBitsOfOne(Subject.Technique technique, TensorSpec spec) {
        try (ExecutorService pool = Executors.newFixedThreadPool(2); Arena arena = Arena.ofShared()) {
            check(technique, spec, PlanOptions.DEFAULT.parallel(pool, 3), each -> Tensor.allocate(each, arena));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void workInPlaceGivesTheSameBits(Subject.Technique technique, TensorSpec spec) {
        Map<String, long[]> expected = expected(technique, spec);
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT.backend("scalar"), Tensor::allocate)) {
            subject.forward(subject.out("y"));
            Tensor x = copy(subject.in("x"));
            subject.backward(subject.in("x"));
            assertArrayEquals(expected.get("dx"), bits(subject.in("x")), "dx in x");
            restore(x, subject.in("x"));
            subject.backward(subject.dy);
            assertArrayEquals(expected.get("dx"), bits(subject.dy), "dx in dy");
        }
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT.backend("scalar"), Tensor::allocate)) {
            subject.forward(subject.in("x"));
            assertArrayEquals(expected.get("y"), bits(subject.in("x")), "y in x");
        }
    }

    private static Tensor copy(Tensor tensor) {
        Tensor copy = Tensor.allocate(tensor.spec());
        restore(tensor, copy);
        return copy;
    }

    private static void restore(Tensor from, Tensor to) {
        for (long i = 0; i < from.spec().elements(); i++) {
            to.set(i, from.get(i));
        }
    }

    /** One plan serves threads that run at once; each has data of its own. */
    @ParameterizedTest
    @MethodSource("cases")
    void manyThreadsGetTheBitsOneGets(Subject.Technique technique, TensorSpec spec) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS);
                Subject subject = technique.on(spec, PlanOptions.DEFAULT.backend("scalar"), Tensor::allocate)) {
            subject.forward(subject.out("y"));
            Map<String, long[]> expected = bits(subject);
            List<Callable<long[]>> tasks = new ArrayList<>();
            for (int t = 0; t < 4 * THREADS; t++) {
                tasks.add(() -> {
                    Tensor dx = Tensor.allocate(spec);
                    subject.gradient(dx);
                    return bits(dx);
                });
            }
            subject.gradient(subject.out("dx"));
            for (Future<long[]> task : threads.invokeAll(tasks)) {
                assertArrayEquals(bits(subject.out("dx")), task.get());
            }
            assertArrayEquals(expected.get("y"), bits(subject.out("y")));
        }
    }
}
