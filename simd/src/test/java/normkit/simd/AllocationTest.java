package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import normkit.conformance.Conformance;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Once warm, an execution allocates nothing: no vector has become an object, which is how C2's giving up on a loop shows.
 * It depends on what else a VM has run, so the problems run in one VM after another, and some each in a VM of its own.
 */
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int EXECUTIONS = 50;
    /** Warm is when the compilers have been through; they run beside the test, so it waits for them, up to a limit. */
    private static final int MOST_ROUNDS = 5_000;

    private static final long FEW = 6;
    private static final long MANY = 300;

    /** Classes of which the loops call getters alone. */
    private static final List<String> GETTERS = List.of("normkit/tensor/Tensor", "normkit/simd/Traits");

    /** Where tensors are. C2 compiles accesses off the heap by the kinds of arenas a VM has met. */
    enum Memory {
        HEAP, CONFINED, SHARED
    }

    /** A problem, and where its tensors are. Channels-last, few channels and many are summed by different loops. */
    record Subject(Operation operation, Pass pass, Layout layout, DataType type, Memory memory, long channels) {

        @Override
        public String toString() {
            return String.join(",", operation.name(), pass.name(), layout.name(), type.name(), memory.name(),
                    Long.toString(channels));
        }

        static Subject parse(String text) {
            String[] parts = text.split(",");
            return new Subject(Operation.valueOf(parts[0]), Pass.valueOf(parts[1]), Layout.valueOf(parts[2]),
                    DataType.valueOf(parts[3]), Memory.valueOf(parts[4]), Long.parseLong(parts[5]));
        }

        private TensorSpec spec() {
            return switch (layout) {
                case ROWS -> TensorSpec.of(type, layout, 10, 1100);
                case CHANNELS_FIRST -> TensorSpec.of(type, layout, 2, channels, 30, 20);
                case CHANNELS_LAST -> TensorSpec.of(type, layout, 2, 30, 20, channels);
            };
        }

        Problem problem() {
            boolean shift = operation != Operation.RMS_NORM;
            int rank = layout == Layout.ROWS ? 1 : 0;
            long groups = operation == Operation.GROUP_NORM ? 3 : 0;
            return new Problem(operation, pass, spec(), rank, groups, true, shift, 1e-5);
        }
    }

    static List<Subject> subjects() {
        List<Subject> subjects = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (Pass pass : Pass.values()) {
                for (Layout layout : Layout.values()) {
                    boolean rows = operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
                    boolean given = pass == Pass.INFERENCE || pass == Pass.FROZEN_BACKWARD;
                    if (rows != (layout == Layout.ROWS) || given && operation != Operation.BATCH_NORM) {
                        continue;
                    }
                    for (DataType type : DataType.values()) {
                        for (Memory memory : Memory.values()) {
                            subjects.add(new Subject(operation, pass, layout, type, memory, FEW));
                            if (layout == Layout.CHANNELS_LAST) {
                                subjects.add(new Subject(operation, pass, layout, type, memory, MANY));
                            }
                        }
                    }
                }
            }
        }
        return subjects;
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void nothingIsAllocated(Subject subject) throws InterruptedException {
        assertEquals(0, allocated(subject));
    }

    /** Every loop has run by then, so that none is compiled for one caller alone. */
    @Test
    void nothingIsAllocatedAfterEverythingElseHasRun() throws InterruptedException {
        Conformance.quick().run(new SimdBackend(), (done, of) -> {});
        Conformance.quick().shared().run(new SimdBackend(), (done, of) -> {});
        for (Subject subject : subjects()) {
            assertEquals(0, allocated(subject), subject::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LAYER_NORM,FORWARD,ROWS,F32,SHARED,6", "LAYER_NORM,BACKWARD,ROWS,F32,SHARED,6",
        "RMS_NORM,BACKWARD,ROWS,F32,HEAP,6", "BATCH_NORM,FORWARD,CHANNELS_FIRST,F32,SHARED,6",
        "BATCH_NORM,BACKWARD,CHANNELS_FIRST,F32,SHARED,6", "BATCH_NORM,INFERENCE,CHANNELS_LAST,F32,SHARED,6",
        "BATCH_NORM,BACKWARD,CHANNELS_LAST,F64,CONFINED,6", "BATCH_NORM,FORWARD,CHANNELS_LAST,F32,SHARED,300",
        "BATCH_NORM,BACKWARD,CHANNELS_LAST,F32,SHARED,300"})
    void nothingIsAllocatedInAVmOfItsOwn(String subject) throws Exception {
        Jvm jvm = Jvm.withVectors();
        assertEquals("0\n", jvm.start(List.of(AllocationTest.class.getName(), subject)));
    }

    public static void main(String[] args) throws InterruptedException {
        System.out.println(allocated(Subject.parse(args[0])));
    }

    /**
     * C2 inlines no method of more than 325 bytes of bytecode (its FreqInlineSize), which keeps the loops from being
     * compiled into whatever calls them, and that from growing so big that vectors become objects.
     */
    @ParameterizedTest
    @ValueSource(strings = {"sumRuns", "sumLaneRows", "sumGradientLaneRows", "foldLanes", "applyRuns", "gradientRuns",
        "addParameterRows"})
    void theLoopOverRunsIsCompiledByItself(String method) throws IOException {
        assertIsCompiledByItself(SpecialRunLoops.class, method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sumWideRows", "sumStrips", "sumStrip", "applyColumns"})
    void theLoopOverColumnsIsCompiledByItself(String method) throws IOException {
        assertIsCompiledByItself(SpecialColumnLoops.class, method);
    }

    private static void assertIsCompiledByItself(Class<?> template, String method) throws IOException {
        int bytes = model(template).methods().stream().filter(m -> m.methodName().equalsString(method))
                .mapToInt(AllocationTest::bytes).findFirst().orElseThrow();
        assertTrue(bytes > 325, method + " has " + bytes + " bytes of bytecode");
    }

    /**
     * C2 inlines what has been called rarely only up to 35 bytes (its MaxInlineSize). A loop that is compiled before it has
     * had many vectors would otherwise pass and get them as objects from then on.
     */
    @ParameterizedTest
    @ValueSource(classes = {SpecialRunLoops.class, SpecialColumnLoops.class, Vectors.class})
    void whatHasVectorsAsArgumentsOrResultIsInlinedWhereverItIsCalled(Class<?> of) throws IOException {
        List<String> large =
                withVectors(of).stream().filter(m -> bytes(m) > 35).map(m -> m.methodName() + ": " + bytes(m)).toList();
        assertEquals(List.of(), large);
    }

    /**
     * C2 inlines what a method calls only if it knows how often it does, from runs that were counted, and a method that has
     * run in compiled loops alone has not been counted. The JDK's methods on vectors and getters are exempt.
     */
    @ParameterizedTest
    @ValueSource(classes = {SpecialRunLoops.class, SpecialColumnLoops.class, Vectors.class})
    void whatHasVectorsAsArgumentsOrResultCallsNothingButTheJdkAndGetters(Class<?> of) throws IOException {
        List<String> calls = withVectors(of).stream()
                .flatMap(m -> m.code().orElseThrow().elementStream().filter(InvokeInstruction.class::isInstance)
                        .map(InvokeInstruction.class::cast)
                        .filter(call -> !call.owner().asInternalName().startsWith("jd")
                                && !GETTERS.contains(call.owner().asInternalName()))
                        .map(call -> m.methodName() + " calls " + call.name()))
                .toList();
        assertEquals(List.of(), calls);
    }

    /**
     * C2 always inlines a getter: load this, its field, and return. Of anything else that loops ask, it may keep the call, and
     * what should be a constant is none: such a loop keeps its range checks.
     */
    @Test
    void whatLoopsKnowAtCompileTimeComesFromGetters() throws IOException {
        List<String> inherited = List.of("<init>", "equals", "hashCode", "toString");
        List<String> others = model(Traits.class).methods().stream()
                .filter(m -> !m.flags().has(AccessFlag.STATIC) && !inherited.contains(m.methodName().stringValue()))
                .filter(m -> bytes(m) > 5).map(m -> m.methodName() + ": " + bytes(m)).toList();
        assertEquals(List.of(), others);
    }

    /** The methods with vectors as arguments or result, of which every such class has some. */
    private static List<MethodModel> withVectors(Class<?> of) throws IOException {
        List<MethodModel> methods =
                model(of).methods().stream().filter(m -> m.methodType().stringValue().contains("Vector;")).toList();
        assertFalse(methods.isEmpty());
        return methods;
    }

    private static ClassModel model(Class<?> of) throws IOException {
        try (InputStream in = of.getResourceAsStream(of.getSimpleName() + ".class")) {
            return ClassFile.of().parse(in.readAllBytes());
        }
    }

    private static int bytes(MethodModel method) {
        return method.findAttribute(Attributes.code()).orElseThrow().codeLength();
    }

    /** Bytes allocated by some executions, once warm. */
    private static long allocated(Subject subject) throws InterruptedException {
        try (Arena arena = subject.memory() == Memory.SHARED ? Arena.ofShared() : Arena.ofConfined();
                Execution execution = new SimdBackend().prepare(subject.problem())) {
            Runnable run = prepared(execution, subject, arena);
            long allocated = allocated(run);
            for (int round = 1; round < MOST_ROUNDS && allocated > 0; round++) {
                Thread.sleep(1);
                allocated = allocated(run);
            }
            return allocated;
        }
    }

    private static long allocated(Runnable run) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < EXECUTIONS; i++) {
            run.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static Runnable prepared(Execution execution, Subject subject, Arena arena) {
        Problem problem = subject.problem();
        TensorSpec parameters = problem.parameterSpec();
        Tensor x = tensor(problem.x(), subject, arena);
        Tensor dy = tensor(problem.x(), subject, arena);
        Tensor out = tensor(problem.x(), subject, arena);
        Tensor scale = tensor(parameters, subject, arena);
        Tensor shift = problem.hasShift() ? tensor(parameters, subject, arena) : null;
        Statistics statistics =
                new Statistics(problem.operation().centred() ? tensor(problem.statisticsSpec(), subject, arena) : null,
                        null, tensor(problem.statisticsSpec(), subject, arena));
        if (problem.pass().backward()) {
            Tensor dscale = tensor(parameters, subject, arena);
            Tensor dshift = problem.hasShift() ? tensor(parameters, subject, arena) : null;
            return () -> execution.backward(dy, x, scale, statistics, out, dscale, dshift);
        }
        return () -> execution.forward(x, scale, shift, statistics, out);
    }

    /** A tensor of 1, 2, 3, 4, 1, … */
    private static Tensor tensor(TensorSpec spec, Subject subject, Arena arena) {
        Tensor tensor = subject.memory() == Memory.HEAP ? Tensor.allocate(spec) : Tensor.allocate(spec, arena);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, 1 + i % 4);
        }
        return tensor;
    }
}
