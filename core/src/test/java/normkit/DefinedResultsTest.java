package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where there is nothing to normalize, or nothing to normalize by, the result is defined. */
class DefinedResultsTest {

    static Stream<Arguments> cases() {
        return IdentityTest.cases().stream().filter(a -> !((Subject) a.get()[0]).fusion().any());
    }

    static Stream<Arguments> centredForwardCases() {
        return cases().filter(
                a -> ((Subject) a.get()[0]).pass() == Pass.FORWARD && ((Subject) a.get()[0]).operation().centred());
    }

    /** Every pass over tensors without samples, without channels and without elements per channel. */
    static List<Arguments> emptyCases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.all()) {
            for (Layout layout : subject.layouts()) {
                List<long[]> shapes = switch (layout) {
                    case ROWS -> List.of(new long[] {0, 4}, new long[] {5, 0}, new long[] {0, 0}, new long[] {2, 0, 3});
                    case CHANNELS_FIRST ->
                        List.of(new long[] {0, 6, 3}, new long[] {2, 0, 3}, new long[] {2, 6, 0}, new long[] {0, 6});
                    case CHANNELS_LAST ->
                        List.of(new long[] {0, 3, 6}, new long[] {2, 3, 0}, new long[] {2, 0, 6}, new long[] {0, 6});
                };
                shapes.forEach(shape -> cases.add(Arguments.of(subject, TensorSpec.of(DataType.F32, layout, shape))));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("emptyCases")
    void emptyTensorsHaveZeroGradientsAndLeaveRunningStatistics(Subject subject, TensorSpec x) {
        try (Plan plan = subject.plan(x)) {
            Call call = Call.of(subject, plan);
            Map<String, long[]> before = call.bits();
            call.run();
            for (String name : subject.outputs()) {
                double expected = switch (name) {
                    case "rstd" -> (float) (1 / Math.sqrt(1e-5));
                    case "running mean", "running variance" -> Call.UNTOUCHED;
                    default -> 0;
                };
                double[] all = new double[(int) call.specOf(name).elements()];
                Arrays.fill(all, expected);
                assertArrayEquals(all, values(call.get(name)), name);
            }
            if (subject.pass() != Pass.INFERENCE) {
                subject.inputs().forEach(name -> assertArrayEquals(before.get(name), call.bits().get(name), name));
            }
        }
    }

    @Test
    void inferenceOverAnEmptyTensorLeavesTheGivenStatistics() {
        Subject subject = new Subject(Operation.BATCH_NORM, Pass.INFERENCE);
        try (Plan plan = subject.plan(TensorSpec.channelsFirst(0, 6, 3))) {
            Call call = Call.of(subject, plan);
            Map<String, long[]> before = call.bits();
            call.run();
            call.assertUnchanged(before);
        }
    }

    @Test
    void emptyBatchesAreNotCounted() {
        try (BatchNorm.Plan plan = BatchNorm.create().plan(TensorSpec.channelsFirst(0, 2, 3))) {
            RunningStatistics running = RunningStatistics.allocate(DataType.F32, 2);
            Tensor nothing = Tensor.allocate(TensorSpec.channelsFirst(0, 2, 3));
            Tensor ones = Tensor.of(TensorSpec.rows(2), new float[] {1, 1});
            plan.train(nothing, ones, ones, nothing, Statistics.NONE, running);
            assertEquals(0, running.batches());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inputsAreOnlyRead(Subject subject, TensorSpec x) {
        try (Plan plan = subject.plan(x)) {
            Call call = Call.of(subject, plan);
            Map<String, long[]> before = call.bits();
            call.run();
            subject.inputs().forEach(name -> assertArrayEquals(before.get(name), call.bits().get(name), name));
        }
    }

    @ParameterizedTest
    @MethodSource("centredForwardCases")
    void oneValuePerSetComesOutAsShift(Subject subject, TensorSpec odd) {
        DataType type = odd.type();
        Layout layout = odd.layout();
        TensorSpec x = switch (subject.operation()) {
            case LAYER_NORM -> TensorSpec.of(type, layout, 3, 1);
            case BATCH_NORM -> TensorSpec.of(type, layout, 1, 6);
            case GROUP_NORM -> layout == Layout.CHANNELS_FIRST
                    ? TensorSpec.of(type, layout, 4, 3, 1)
                    : TensorSpec.of(type, layout, 4, 1, 3);
            default -> TensorSpec.of(type, layout, 4, 6);
        };
        for (double epsilon : new double[] {1e-5, 0}) {
            try (Plan plan = subject.plan(x, epsilon)) {
                Call call = Call.of(subject, plan);
                call.run();
                assertIsShift(subject, call, epsilon);
                assertArrayEquals(values(call.get("x")), values(call.get("mean")));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("centredForwardCases")
    void constantSetsComeOutAsShift(Subject subject, TensorSpec x) {
        Sets sets = new Sets(subject.operation(), x);
        double[] constants =
                {0, 1, -3.7, 1e30, -1e-30, 123456.789, x.type() == DataType.F32 ? Float.MIN_VALUE : 1e-310};
        for (double epsilon : new double[] {0, 1e-5}) {
            try (Plan plan = subject.plan(x, epsilon)) {
                Call call = Call.of(subject, plan);
                for (long i = 0; i < x.elements(); i++) {
                    call.get("x").set(i, constants[sets.of(i) % constants.length]);
                }
                call.run();
                assertIsShift(subject, call, epsilon);
            }
        }
    }

    private static void assertIsShift(Subject subject, Call call, double epsilon) {
        TensorSpec x = call.specOf("x");
        Sets sets = new Sets(subject.operation(), x);
        for (long i = 0; i < x.elements(); i++) {
            assertEquals(call.get("shift").get(sets.parameterOf(i)), call.get("y").get(i), "y[" + i + "]");
        }
        double[] variance = values(call.get("variance"));
        assertArrayEquals(new double[variance.length], variance);
        double[] rstd = new double[variance.length];
        Arrays.fill(rstd, epsilon == 0 ? 0 : x.type().round(reciprocalRoot(epsilon)));
        assertArrayEquals(rstd, values(call.get("rstd")));
    }

    private static double reciprocalRoot(double value) {
        MathContext digits = new MathContext(50);
        return BigDecimal.ONE.divide(new BigDecimal(value).sqrt(digits), digits).doubleValue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void zerosAreNormalizedToShiftEvenWithoutAMean(Subject subject, TensorSpec x) {
        if (subject.pass() != Pass.FORWARD) {
            return;
        }
        try (Plan plan = subject.plan(x, 0)) {
            Call call = Call.of(subject, plan);
            Call zeros = call.with("x", Tensor.allocate(call.specOf("x")));
            zeros.run();
            assertIsShift(subject, zeros, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPoisonedElementSpoilsItsOwnSetOnly(Subject subject, TensorSpec x) {
        Sets sets = new Sets(subject.operation(), x);
        try (Plan plan = subject.plan(x)) {
            Call clean = Call.of(subject, plan);
            clean.run();
            for (double poison : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                for (String input : subject.pass().backward() ? List.of("x", "dy") : List.of("x")) {
                    int at = (int) (x.elements() * 5 / 7);
                    Call call = Call.of(subject, plan);
                    call.get(input).set(at, poison);
                    call.run();
                    assertSpoiled(subject, sets, input, at, clean, call);
                }
            }
        }
    }

    private static void assertSpoiled(Subject subject, Sets sets, String input, int at, Call clean, Call call) {
        boolean ownStatistics = subject.pass() == Pass.FORWARD || subject.pass() == Pass.BACKWARD;
        for (String output : subject.outputs()) {
            for (int i = 0; i < call.specOf(output).elements(); i++) {
                boolean spoiled = switch (output) {
                    case "y" -> ownStatistics ? sets.of(i) == sets.of(at) : i == at;
                    // Frozen statistics are constants, so dx depends on its own dy alone.
                    case "dx" -> ownStatistics ? sets.of(i) == sets.of(at) : i == at && input.equals("dy");
                    case "dscale" -> i == sets.parameterOf(at);
                    case "dshift" -> i == sets.parameterOf(at) && input.equals("dy");
                    case "mean" -> i == sets.of(at) && subject.operation().centred();
                    default -> i == sets.of(at);
                };
                String what = output + "[" + i + "] with a poisoned " + input;
                double actual = call.get(output).get(i);
                if (!spoiled) {
                    assertEquals(clean.get(output).get(i), actual, what);
                } else if (subject.pass() == Pass.FORWARD && output.equals("y")) {
                    assertTrue(Double.isNaN(actual), what);
                } else {
                    assertFalse(Double.isFinite(actual), what);
                }
            }
        }
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.spec().elements()];
        Arrays.setAll(values, tensor::get);
        return values;
    }

    @Test
    void anInfiniteVarianceGivesTheShiftHoweverFarTheValues() {
        TensorSpec spec = TensorSpec.channelsLast(2, 1);
        Tensor x = Tensor.of(spec, new float[] {3e38f, -3e38f});
        Tensor y = Tensor.allocate(spec);
        TensorSpec one = TensorSpec.rows(1);
        Statistics given = Statistics.meanAndVariance(Tensor.of(one, new float[] {-3e38f}),
                Tensor.of(one, new float[] {Float.POSITIVE_INFINITY}));
        try (BatchNorm.Plan plan = BatchNorm.create().withoutScale().plan(spec)) {
            plan.infer(x, null, Tensor.of(one, new float[] {7}), given, y);
        }
        assertEquals(7, y.get(0));
        assertEquals(7, y.get(1));
    }
}
