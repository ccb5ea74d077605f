package normkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A bad argument of any pass is refused by name, before the first byte is written. */
class ArgumentsTest {

    private static final List<String> PARAMETERS = List.of("scale", "shift", "dscale", "dshift");

    static List<Subject> subjects() {
        return Subject.andFused();
    }

    static List<Subject> unfused() {
        return Subject.all();
    }

    /** Every argument of every pass. */
    static Stream<Arguments> arguments() {
        return Subject.andFused().stream().flatMap(s -> s.arguments().stream().map(name -> Arguments.of(s, name)));
    }

    static Stream<Arguments> parameters() {
        return arguments().filter(a -> PARAMETERS.contains(a.get()[1]));
    }

    static Stream<Arguments> outputs() {
        return Subject.andFused().stream().flatMap(s -> s.outputs().stream().map(name -> Arguments.of(s, name)));
    }

    /** Every output with every other argument. */
    static List<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (Subject subject : Subject.andFused()) {
            for (String output : subject.outputs()) {
                for (String other : subject.arguments()) {
                    if (!other.equals(output)) {
                        pairs.add(Arguments.of(subject, output, other));
                    }
                }
            }
        }
        return pairs;
    }

    static boolean mayWorkInPlace(String output, String input) {
        return List.of("y x", "dx x", "dx dy", "y residual", "sum x", "sum residual").contains(output + " " + input);
    }

    private static boolean statistic(String name) {
        return List.of("mean", "variance", "rstd", "running mean", "running variance").contains(name);
    }

    /** Asserts that a call is refused with a message that has all the fragments, and writes nothing. */
    private static void assertRefused(Class<? extends Exception> kind, Call call, String... fragments) {
        Map<String, long[]> before = call.bits();
        String message = assertThrows(kind, call::run).getMessage();
        for (String fragment : fragments) {
            assertTrue(message.contains(fragment), () -> "'" + message + "' lacks '" + fragment + "'");
        }
        call.assertUnchanged(before);
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void nullIsRefusedWhereATensorMustBe(Subject subject, String name) {
        boolean given = subject.pass() != Pass.FORWARD && subject.operation().centred() && name.equals("mean");
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan).with(name, null);
            if (given || List.of("x", "y", "dy", "scale", "shift", "residual", "sum").contains(name)) {
                assertRefused(NullPointerException.class, call, name + " is null", call.specOf(name).toString());
            } else if (name.equals("running variance")) {
                assertRefused(NullPointerException.class, call, name + " is null");
            } else {
                call.run();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void rstdOrVarianceMustBeGivenToPassesThatReadThem(Subject subject) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan).with("rstd", null).with("variance", null);
            if (subject.pass() == Pass.FORWARD) {
                call.run();
            } else {
                assertRefused(NullPointerException.class, call, "rstd and variance are null",
                        call.specOf("rstd").toString());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void parametersTheDescriptionLacksAreRefused(Subject subject, String name) {
        try (Plan plan = subject.planWithoutParameters(subject.small())) {
            Call complete = Call.of(subject, plan);
            Call call = complete;
            for (String parameter : PARAMETERS) {
                call = call.with(parameter, null);
            }
            call.run();
            assertRefused(IllegalArgumentException.class, call.with(name, complete.get(name)),
                    name + " is " + complete.get(name), "must be null");
        }
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void anotherSpecIsRefused(Subject subject, String name) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            TensorSpec spec = call.specOf(name);
            for (TensorSpec wrong : wrongSpecs(spec, statistic(name))) {
                Tensor tensor = Tensor.allocate(wrong);
                boolean otherLength = name.startsWith("running") && wrong.elements() != spec.elements();
                TensorSpec expected = statistic(name) ? spec.as(wrong.type()) : spec;
                assertRefused(IllegalArgumentException.class, call.with(name, tensor), name, tensor.toString(),
                        "it must be " + (otherLength ? "as long as" : expected.toString()));
            }
        }
    }

    private static List<TensorSpec> wrongSpecs(TensorSpec spec, boolean statistic) {
        long[] shape = spec.shape();
        long[] longer = spec.shape();
        longer[0]++;
        long[] deeper = Arrays.copyOf(shape, shape.length + 1);
        deeper[shape.length] = 1;
        List<TensorSpec> wrong = new ArrayList<>();
        wrong.add(TensorSpec.of(spec.type(), spec.layout(), longer));
        wrong.add(TensorSpec.of(spec.type(), spec.layout(), deeper));
        if (shape.length > 1) {
            Layout layout = spec.layout() == Layout.ROWS ? Layout.CHANNELS_LAST : Layout.ROWS;
            wrong.add(TensorSpec.of(spec.type(), layout, shape));
        }
        // Statistics may be f64, but then as well of the right shape.
        wrong.add(statistic ? wrong.getFirst().as(DataType.F64) : spec.as(DataType.F64));
        return wrong;
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void statisticsOfWideProblemsAreWide(Subject subject) {
        try (Plan plan = subject.plan(subject.small().as(DataType.F64))) {
            Call call = Call.of(subject, plan);
            for (String name : subject.arguments()) {
                if (statistic(name)) {
                    Tensor narrow = Tensor.allocate(call.specOf(name).as(DataType.F32));
                    assertRefused(IllegalArgumentException.class, call.with(name, narrow), name + " is " + narrow,
                            "it must be " + call.specOf(name));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void memoryOfAClosedArenaIsRefused(Subject subject, String name) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            Arena arena = Arena.ofConfined();
            Tensor dead = Tensor.allocate(call.specOf(name), arena);
            arena.close();
            assertRefused(IllegalStateException.class, call.with(name, dead), name + " is " + dead, "arena is closed",
                    "must be alive");
        }
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void memoryConfinedToAnotherThreadIsRefused(Subject subject, String name) throws Exception {
        try (ExecutorService other = Executors.newSingleThreadExecutor(); Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            Arena arena = other.submit(Arena::ofConfined).get();
            Tensor foreign = other.submit(() -> Tensor.allocate(call.specOf(name), arena)).get();
            assertRefused(IllegalStateException.class, call.with(name, foreign), name + " is " + foreign,
                    "belongs to another thread", "must be accessible by");
            other.submit(arena::close).get();
        }
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void readOnlyMemoryIsForInputs(Subject subject, String name) {
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            Tensor writable = Tensor.allocate(call.specOf(name), arena);
            Call.copy(call.get(name), writable);
            Tensor fixed = Tensor.of(writable.spec(), writable.segment().asReadOnly());
            if (subject.outputs().contains(name)) {
                assertRefused(IllegalArgumentException.class, call.with(name, fixed), name + " is " + fixed,
                        "read-only", "must be writable");
            } else {
                call.run();
                Map<String, long[]> expected = call.bits();
                Call again = Call.of(subject, plan).with(name, fixed);
                again.run();
                again.assertOutputs(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void outputsOverlapNothingInPart(Subject subject, String output, String other) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            int first = (int) call.specOf(output).elements();
            int second = (int) call.specOf(other).elements();
            float[] array = new float[first + second - 1];
            Call outputFirst = call.copied(output, Tensor.of(call.specOf(output), array)).copied(other,
                    Tensor.of(call.specOf(other), array, first - 1));
            assertOverlapRefused(outputFirst, output, other);
            Call otherFirst = call.copied(other, Tensor.of(call.specOf(other), array)).copied(output,
                    Tensor.of(call.specOf(output), array, second - 1));
            assertOverlapRefused(otherFirst, output, other);
        }
    }

    /** Either argument may come first in the message. */
    private static void assertOverlapRefused(Call call, String one, String other) {
        assertRefused(IllegalArgumentException.class, call, one, call.get(one).toString(), other,
                call.get(other).toString(), "which overlaps", "memory");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void outputsMayBeNeighbours(Subject subject, String output, String other) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            int first = (int) call.specOf(output).elements();
            int second = (int) call.specOf(other).elements();
            float[] array = new float[first + second];
            Call neighbours = call.copied(output, Tensor.of(call.specOf(output), array)).copied(other,
                    Tensor.of(call.specOf(other), array, first));
            neighbours.run();
            Map<String, long[]> actual = neighbours.bits();
            Call fresh = Call.of(subject, plan);
            fresh.run();
            fresh.assertOutputs(actual);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void outputsAreTheSameMemoryOnlyForWorkInPlace(Subject subject, String output, String other) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            if (!call.specOf(output).equals(call.specOf(other))) {
                return;
            }
            Call same = call.with(output, call.get(other));
            if (mayWorkInPlace(output, other)) {
                Call apart = Call.of(subject, plan);
                apart.run();
                same.run();
                same.assertOutputs(apart.bits());
            } else {
                assertOverlapRefused(same, output, other);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void inputsMayShareMemory(Subject subject) {
        try (Plan plan = subject.plan(subject.small())) {
            for (String one : subject.inputs()) {
                for (String other : subject.inputs()) {
                    Call call = Call.of(subject, plan);
                    if (!one.equals(other) && call.specOf(one).equals(call.specOf(other))) {
                        Call.copy(call.get(other), call.get(one));
                        call.run();
                        Call shared = Call.of(subject, plan);
                        shared = shared.with(one, shared.get(other));
                        shared.run();
                        shared.assertOutputs(call.bits());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void aClosedPlanRefusesToRun(Subject subject) {
        Plan plan = subject.plan(subject.small());
        Call call = Call.of(subject, plan);
        plan.close();
        plan.close();
        assertRefused(IllegalStateException.class, call, "the plan is closed");
    }

    @ParameterizedTest
    @MethodSource("unfused")
    void statisticsThemselvesAreNeverNull(Subject subject) {
        try (Plan plan = subject.plan(subject.small())) {
            Call call = Call.of(subject, plan);
            Tensor x = call.get("x");
            Tensor scale = call.get("scale");
            Tensor other = call.get(subject.pass().backward() ? "dy" : "shift");
            Tensor out = call.get(subject.pass().backward() ? "dx" : "y");
            Map<String, long[]> before = call.bits();
            var error = assertThrows(NullPointerException.class, () -> {
                switch (plan) {
                    case SetwisePlan p when subject.pass() == Pass.FORWARD -> p.forward(x, scale, other, out, null);
                    case SetwisePlan p -> p.backward(other, x, scale, null, out, null, null);
                    case BatchNorm.Plan p when subject.pass() == Pass.FORWARD ->
                        p.train(x, scale, other, out, null, RunningStatistics.allocate(DataType.F32, 6));
                    case BatchNorm.Plan p when subject.pass() == Pass.INFERENCE -> p.infer(x, scale, other, null, out);
                    case BatchNorm.Plan p when subject.pass() == Pass.BACKWARD ->
                        p.backward(other, x, scale, null, out, null, null);
                    case BatchNorm.Plan p -> p.backwardFrozen(other, x, scale, null, out, null, null);
                }
            });
            assertTrue(error.getMessage().contains("statistics is null"), error.getMessage());
            call.assertUnchanged(before);
        }
    }
}
