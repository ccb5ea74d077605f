package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every technique, whatever it computes. */
class TechniqueTest {

    static Stream<Technique> all() {
        return Stream.concat(Technique.all(DataType.F32).stream(), Technique.all(DataType.F64).stream());
    }

    private static void assertSame(Technique technique, Map<String, long[]> expected, Map<String, Tensor> tensors) {
        technique.outputBits(tensors)
                .forEach((name, bits) -> assertArrayEquals(expected.get(name), bits, technique + ": " + name));
    }

    private static Map<String, long[]> expected(Technique technique) {
        Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
        technique.run(tensors);
        return technique.outputBits(tensors);
    }

    @ParameterizedTest
    @MethodSource("all")
    void resultsDoNotDependOnTheKindOfMemory(Technique technique) {
        Map<String, long[]> expected = expected(technique);
        expected.forEach((name, bits) -> assertTrue(
                Arrays.stream(bits).noneMatch(b -> b == Double.doubleToRawLongBits(Call.UNTOUCHED)), name));
        try (Arena arena = Arena.ofConfined()) {
            for (Memory memory : Memory.values()) {
                Map<String, Tensor> tensors = technique.tensors(memory, arena, 5);
                technique.run(tensors);
                assertSame(technique, expected, tensors);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void resultsDoNotDependOnWorkInPlaceAndOtherOverlapsAreRefused(Technique technique) {
        Map<String, long[]> expected = expected(technique);
        for (String output : technique.outputs.keySet()) {
            for (String input : technique.inputs.keySet()) {
                Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
                if (technique.inPlace.contains(output + " " + input)) {
                    tensors.put(output, tensors.get(input));
                    technique.run(tensors);
                    assertSame(technique, expected, tensors);
                } else if (technique.inputs.get(input).equals(technique.outputs.get(output))) {
                    tensors.put(output, tensors.get(input));
                    assertRefused(IllegalArgumentException.class, technique, tensors, output, "overlaps");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void outputsThatAreOffByOneElementAreRefused(Technique technique) {
        for (String output : technique.outputs.keySet()) {
            for (String input : technique.inputs.keySet()) {
                TensorSpec out = technique.outputs.get(output);
                TensorSpec in = technique.inputs.get(input);
                if (out.type() == in.type()) {
                    Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
                    TensorSpec room =
                            TensorSpec.of(in.type(), Layout.ROWS, Math.max(in.elements(), out.elements()) + 1);
                    Tensor shared = Tensor.allocate(room);
                    for (long i = 0; i < room.elements(); i++) {
                        shared.set(i, 1);
                    }
                    tensors.put(input, shifted(in, shared, 0));
                    tensors.put(output, shifted(out, shared, out.elements() > 1 && in.elements() > 1 ? 1 : 0));
                    assertRefused(IllegalArgumentException.class, technique, tensors, output, "overlaps");
                }
            }
        }
    }

    private static Tensor shifted(TensorSpec spec, Tensor memory, int by) {
        return memory.floats() != null ? Tensor.of(spec, memory.floats(), by) : Tensor.of(spec, memory.doubles(), by);
    }

    @ParameterizedTest
    @MethodSource("all")
    void outputsMustNotOverlapEachOther(Technique technique) {
        for (String output : technique.outputs.keySet()) {
            for (String other : technique.outputs.keySet()) {
                if (!output.equals(other) && technique.outputs.get(output).equals(technique.outputs.get(other))) {
                    Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
                    tensors.put(output, tensors.get(other));
                    assertRefused(IllegalArgumentException.class, technique, tensors, output, "overlaps");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void nullIsRefusedWhereATensorMustBe(Technique technique) {
        Map<String, long[]> expected = expected(technique);
        for (String name : names(technique)) {
            Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
            tensors.put(name, null);
            if (technique.optional.contains(name)) {
                technique.run(tensors);
                technique.outputs.keySet().stream().filter(o -> tensors.get(o) != null)
                        .forEach(o -> assertArrayEquals(expected.get(o), Call.bits(tensors.get(o)), name + " " + o));
            } else {
                assertRefused(NullPointerException.class, technique, tensors, name);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void anotherShapeOrTypeIsRefused(Technique technique) {
        for (String name : names(technique)) {
            TensorSpec spec =
                    technique.inputs.containsKey(name) ? technique.inputs.get(name) : technique.outputs.get(name);
            long[] shape = spec.shape();
            shape[shape.length - 1]++;
            Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
            tensors.put(name, Tensor.allocate(TensorSpec.of(spec.type(), spec.layout(), shape)));
            assertRefused(IllegalArgumentException.class, technique, tensors, name, "must");
            if (spec.type() == DataType.F64 && !technique.toString().matches("(standardization|min_max) .*")) {
                tensors.put(name, Tensor.allocate(spec.as(DataType.F32)));
                assertRefused(IllegalArgumentException.class, technique, tensors, name, "must be");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aClosedArenaIsRefused(Technique technique) {
        for (String name : names(technique)) {
            Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
            try (Arena arena = Arena.ofConfined()) {
                tensors.put(name, technique.tensors(Memory.NATIVE, arena, 5).get(name));
            }
            assertRefused(IllegalStateException.class, technique, tensors, name, "closed");
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void readOnlyOutputsAreRefused(Technique technique) {
        try (Arena arena = Arena.ofConfined()) {
            for (String name : technique.outputs.keySet()) {
                Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
                Tensor writable = technique.tensors(Memory.NATIVE, arena, 5).get(name);
                tensors.put(name, Tensor.of(writable.spec(), writable.segment().asReadOnly(), writable.offset()));
                assertRefused(IllegalArgumentException.class, technique, tensors, name, "read-only");
            }
        }
    }

    private static List<String> names(Technique technique) {
        List<String> names = new ArrayList<>(technique.inputs.keySet());
        names.addAll(technique.outputs.keySet());
        return names;
    }

    /** Asserts that a run is refused, with a message that has all fragments, before anything is written. */
    private static void assertRefused(Class<? extends Exception> kind, Technique technique, Map<String, Tensor> tensors,
            String... fragments) {
        Map<String, long[]> before = readable(tensors);
        Exception thrown = assertThrows(kind, () -> technique.run(tensors), technique + " " + List.of(fragments));
        for (String fragment : fragments) {
            assertTrue(String.valueOf(thrown.getMessage()).contains(fragment),
                    () -> technique + ": '" + thrown.getMessage() + "' lacks '" + fragment + "'");
        }
        Map<String, long[]> after = readable(tensors);
        before.forEach((name, bits) -> assertArrayEquals(bits, after.get(name), technique + " wrote " + name));
    }

    private static Map<String, long[]> readable(Map<String, Tensor> tensors) {
        Map<String, long[]> bits = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (tensor != null && (tensor.isHeap() || tensor.segment().scope().isAlive())) {
                bits.put(name, Call.bits(tensor));
            }
        });
        return bits;
    }

    @ParameterizedTest
    @MethodSource("all")
    void nothingIsAllocatedPerExecution(Technique technique) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            for (Memory memory : List.of(Memory.HEAP, Memory.NATIVE)) {
                Allocations.assertNone(technique.body.apply(technique.tensors(memory, arena, 5)), 20);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void threadsShareAPlan(Technique technique) throws Exception {
        Map<String, long[]> expected = expected(technique);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Void> work = () -> {
                for (int i = 0; i < 10; i++) {
                    Map<String, Tensor> tensors = technique.tensors(Memory.HEAP, null, 5);
                    technique.run(tensors);
                    assertSame(technique, expected, tensors);
                }
                return null;
            };
            for (Future<Void> done : threads.invokeAll(List.of(work, work, work, work))) {
                done.get();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aClosedPlanIsRefused(Technique technique) throws Exception {
        if (technique.toString().matches("(standardization|min_max) .*")) {
            // A fitted transform has nothing to close.
            assertEquals(0, technique.optional.size());
            return;
        }
        technique.plan.close();
        technique.plan.close();
        assertRefused(IllegalStateException.class, technique, technique.tensors(Memory.HEAP, null, 5), "closed");
    }
}
