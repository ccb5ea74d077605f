package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import normkit.activation.Activation;
import normkit.spi.Fusion;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is fused gives the bits of its steps one after the other, whatever the shape. */
class FusionTest {

    private static final Fusion AFTER = Fusion.NONE.then(Activation.GELU);
    private static final Fusion BEFORE = Fusion.NONE.after(Activation.SILU);
    private static final Fusion RESIDUAL = Fusion.NONE.addingResidual();

    /** Every pass with odd shapes, and some so large that a set has several chunks. */
    static List<Arguments> forward() {
        return cases(false);
    }

    static List<Arguments> backward() {
        return cases(true);
    }

    private static List<Arguments> cases(boolean backward) {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.all()) {
            if (subject.pass().backward() == backward) {
                subject.odd().forEach(x -> cases.add(Arguments.of(subject, x)));
                subject.layouts().forEach(layout -> cases.add(Arguments.of(subject, large(layout))));
            }
        }
        return cases;
    }

    private static TensorSpec large(Layout layout) {
        return switch (layout) {
            case ROWS -> TensorSpec.rows(2, 70_000);
            case CHANNELS_FIRST -> TensorSpec.channelsFirst(2, 6, 250, 130);
            case CHANNELS_LAST -> TensorSpec.channelsLast(2, 250, 130, 6);
        };
    }

    private static Subject with(Subject subject, Fusion fusion) {
        return new Subject(subject.operation(), subject.pass(), fusion);
    }

    /** Inputs like those of another call, and the same outputs. */
    private static Call like(Call call, Subject subject, Plan plan) {
        Call other = Call.of(subject, plan);
        for (String name : subject.inputs()) {
            if (call.get(name) != null) {
                Call.copy(call.get(name), other.get(name));
            }
        }
        return other;
    }

    private static Tensor activated(Activation f, Tensor tensor) {
        Tensor result = Tensor.allocate(tensor.spec());
        for (long i = 0; i < tensor.spec().elements(); i++) {
            result.set(i,
                    tensor.spec().type() == DataType.F32 ? f.value((float) tensor.get(i)) : f.value(tensor.get(i)));
        }
        return result;
    }

    private static void assertSame(Tensor expected, Tensor actual) {
        assertArrayEquals(Call.bits(expected), Call.bits(actual));
    }

    @ParameterizedTest
    @MethodSource("forward")
    void anActivationOfTheOutputFollowsTheNormalization(Subject subject, TensorSpec x) {
        Subject fused = with(subject, AFTER);
        try (Plan plan = subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call call = Call.of(subject, plan);
            Call fusedCall = like(call, fused, fusedPlan);
            call.run();
            fusedCall.run();
            assertSame(activated(Activation.GELU, call.get("y")), fusedCall.get("y"));
        }
    }

    @ParameterizedTest
    @MethodSource("forward")
    void anActivationOfTheInputPrecedesTheNormalization(Subject subject, TensorSpec x) {
        Subject fused = with(subject, BEFORE);
        try (Plan plan = subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call fusedCall = Call.of(fused, fusedPlan);
            fusedCall.run();
            Call call = like(fusedCall, subject, plan).with("x", activated(Activation.SILU, fusedCall.get("x")));
            call.run();
            subject.outputs().forEach(name -> assertSame(call.get(name), fusedCall.get(name)));
        }
    }

    /** The gradient with respect to silu(x), times its slope. */
    @ParameterizedTest
    @MethodSource("backward")
    void theGradientThroughAnActivationOfTheInput(Subject subject, TensorSpec x) {
        Subject fused = with(subject, BEFORE);
        try (Plan plan = subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call fusedCall = Call.of(fused, fusedPlan);
            fusedCall.run();
            Tensor z = fusedCall.get("x");
            Call call = like(fusedCall, subject, plan).with("x", activated(Activation.SILU, z));
            call.run();
            Tensor dx = call.get("dx");
            times(Activation.SILU, dx, z);
            assertSame(dx, fusedCall.get("dx"));
            assertSame(call.get("dscale"), fusedCall.get("dscale"));
            assertSame(call.get("dshift"), fusedCall.get("dshift"));
        }
    }

    private static void times(Activation f, Tensor dy, Tensor z) {
        for (long i = 0; i < dy.spec().elements(); i++) {
            dy.set(i,
                    dy.spec().type() == DataType.F32
                            ? f.gradient((float) dy.get(i), (float) z.get(i))
                            : f.gradient(dy.get(i), z.get(i)));
        }
    }

    /** Batch norm's inference is what a gradient forms again of the output, given the same statistics. */
    @ParameterizedTest
    @MethodSource("backward")
    void theGradientThroughAnActivationOfTheOutput(Subject subject, TensorSpec x) {
        if (subject.operation() != Operation.BATCH_NORM) {
            return;
        }
        Subject fused = with(subject, AFTER);
        try (BatchNorm.Plan plan = (BatchNorm.Plan) subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call fusedCall = Call.of(fused, fusedPlan);
            fusedCall.run();
            Call call = like(fusedCall, subject, plan);
            Tensor z = Tensor.allocate(x);
            plan.infer(call.get("x"), call.get("scale"), fusedCall.get("shift"),
                    new Statistics(call.get("mean"), call.get("variance"), call.get("rstd")), z);
            times(Activation.GELU, call.get("dy"), z);
            call.run();
            subject.outputs().forEach(name -> assertSame(call.get(name), fusedCall.get(name)));
        }
    }

    @ParameterizedTest
    @MethodSource("forward")
    void aResidualIsAddedAndTheSumWrittenOut(Subject subject, TensorSpec x) {
        if (!subject.rowwise()) {
            return;
        }
        Subject fused = with(subject, RESIDUAL);
        try (Plan plan = subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call fusedCall = Call.of(fused, fusedPlan);
            fusedCall.run();
            Tensor sum = Tensor.allocate(x);
            for (long i = 0; i < x.elements(); i++) {
                sum.set(i, fusedCall.get("x").get(i) + fusedCall.get("residual").get(i));
            }
            assertSame(sum, fusedCall.get("sum"));
            Call call = like(fusedCall, subject, plan).with("x", sum);
            call.run();
            subject.outputs().forEach(name -> assertSame(call.get(name), fusedCall.get(name)));
            Call inPlace = Call.of(fused, fusedPlan);
            inPlace.with("sum", inPlace.get("residual")).with("y", inPlace.get("x")).run();
            assertSame(sum, inPlace.get("residual"));
            assertSame(call.get("y"), inPlace.get("x"));
        }
    }

    @ParameterizedTest
    @MethodSource("backward")
    void theGradientOfASumHasAllItsTerms(Subject subject, TensorSpec x) {
        if (!subject.rowwise()) {
            return;
        }
        Subject fused = with(subject, RESIDUAL);
        try (Plan plan = subject.plan(x); Plan fusedPlan = fused.plan(x)) {
            Call fusedCall = Call.of(fused, fusedPlan);
            fusedCall.run();
            Call call = like(fusedCall, subject, plan);
            call.run();
            Tensor without = Tensor.allocate(x);
            fusedCall.with("dsum", null).with("dx", without).run();
            assertSame(call.get("dx"), without);
            for (long i = 0; i < x.elements(); i++) {
                call.get("dx").set(i, call.get("dx").get(i) + fusedCall.get("dsum").get(i));
            }
            subject.outputs().forEach(name -> assertSame(call.get(name), fusedCall.get(name)));
        }
    }

    @Test
    void aPlanSaysWhatItFuses() {
        try (LayerNorm.Plan plan =
                LayerNorm.over(4).addingResidual().then(Activation.GELU).plan(TensorSpec.rows(2, 4))) {
            assertTrue(plan.explain().contains("add,norm,gelu"), plan.explain());
            assertEquals("add,norm,gelu", plan.decisions().getFirst().problem().fusion().label());
        }
    }

    @Test
    void gradientsAskForShiftOnlyWhereTheyDependOnIt() {
        Tensor x = Tensor.of(TensorSpec.rows(1, 4), new float[] {1, 2, 3, 4});
        Tensor ones = Tensor.of(TensorSpec.rows(4), new float[] {1, 1, 1, 1});
        Tensor one = Tensor.of(TensorSpec.rows(1), new float[] {1});
        Tensor dx = Tensor.allocate(x.spec());
        try (LayerNorm.Plan plan = LayerNorm.over(4).then(Activation.RELU).plan(x.spec())) {
            String message = assertThrows(NullPointerException.class,
                    () -> plan.backward(x, x, ones, Statistics.meanAndRstd(one, one), dx, null, null)).getMessage();
            assertEquals("shift is null; the gradient through relu depends on it: it must be a tensor of F32 ROWS 4",
                    message);
        }
        try (LayerNorm.Plan plan = LayerNorm.over(4).withoutShift().then(Activation.RELU).plan(x.spec())) {
            plan.backward(x, x, ones, Statistics.meanAndRstd(one, one), dx, null, null);
        }
        try (LayerNorm.Plan plan = LayerNorm.over(4).plan(x.spec())) {
            plan.backward(x, x, ones, ones, Statistics.meanAndRstd(one, one), dx, null, null);
            assertRefused("residual is ", () -> plan.forward(x, x, ones, ones, dx, dx, Statistics.NONE));
        }
    }

    private static void assertRefused(String start, org.junit.jupiter.api.function.Executable code) {
        String message = assertThrows(IllegalArgumentException.class, code).getMessage();
        assertTrue(message.startsWith(start), message);
    }

    @Test
    void fusionsThatMakeNoSenseAreRefused() {
        assertRefused("the input has a residual and relu before",
                () -> LayerNorm.over(4).addingResidual().after(Activation.RELU));
        assertRefused("the input has a residual and relu before",
                () -> RmsNorm.over(4).after(Activation.RELU).addingResidual());
        assertRefused("batch_norm has a residual", () -> new Problem(Operation.BATCH_NORM, Pass.FORWARD,
                TensorSpec.channelsFirst(2, 3), 0, 0, true, true, 1e-5, RESIDUAL));
        for (String label : List.of("", "relu", "norm,norm", "add,relu,norm", "norm,add", "relu,relu,norm",
                "norm,relu,relu")) {
            assertThrows(IllegalArgumentException.class, () -> Fusion.of(label), label);
        }
        for (Fusion fusion : List.of(Fusion.NONE, AFTER, BEFORE, RESIDUAL, RESIDUAL.then(Activation.TANH),
                BEFORE.then(Activation.leakyRelu(0.25)))) {
            assertEquals(fusion, Fusion.of(fusion.label()));
        }
        assertFalse(Fusion.NONE.any());
    }
}
