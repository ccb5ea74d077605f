package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import normkit.PlanOptions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Forward and inference against the papers' formulas, gradients against differences of these. */
class MixingFormulaTest {

    /** In f64: rounding of the formula's own sums. */
    private static final double NEAR = 1e-12;
    /** In f32: what docs/numerics.md allows, in units in the last place of the largest term, which is below 16. */
    private static final double NEAR_F32 = 3 * Math.ulp(8f);
    private static final double STEP = 1e-3;
    private static final double RELATIVE = 1e-6;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject.Technique technique : Subject.Technique.values()) {
            for (DataType type : DataType.values()) {
                for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
                    cases.add(Arguments.of(technique, TensorSpec.of(type, layout, 5, 4)));
                    cases.add(Arguments.of(technique, TensorSpec.of(type, layout, 1, 3, 4)));
                    cases.add(Arguments.of(technique, TensorSpec.of(type, layout, 3, 2, 3, 4)));
                    cases.add(Arguments.of(technique, TensorSpec.of(type, layout, 2, 3, 2, 2, 3)));
                    cases.add(Arguments.of(technique, TensorSpec.of(type, layout, 2, 3, 25)));
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forwardIsTheFormula(Subject.Technique technique, TensorSpec spec) {
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT, Tensor::allocate)) {
            subject.forward(subject.out("y"));
            assertNear(subject.formula(false), subject.out("y"));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inferenceIsTheFormulaWithRunningStatistics(Subject.Technique technique, TensorSpec spec) {
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT, Tensor::allocate)) {
            subject.infer(subject.out("y"));
            assertNear(subject.formula(true), subject.out("y"));
        }
    }

    private static void assertNear(double[] expected, Tensor actual) {
        double near = actual.spec().type() == DataType.F32 ? NEAR_F32 : NEAR;
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual.get(i), near, "element " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreDifferencesOfTheFormula(Subject.Technique technique, TensorSpec spec) {
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT, Tensor::allocate)) {
            subject.forward(subject.out("y"));
            subject.backward(subject.out("dx"));
            boolean narrow = spec.type() == DataType.F32;
            double relative = narrow ? 1e-4 : RELATIVE;
            subject.inputs.forEach((name, input) -> {
                double[] expected = differences(subject, name);
                double largest = 0;
                for (double e : expected) {
                    largest = Math.max(largest, Math.abs(e));
                }
                for (int i = 0; i < expected.length; i++) {
                    double actual = subject.out("d" + name).get(i);
                    // What is small beside the largest is so because larger terms cancel.
                    double scale = Math.abs(expected[i]) + (narrow ? 1 : 1e-2) * largest + 1e-6;
                    assertEquals(expected[i], actual, relative * scale, "d" + name + " " + i);
                }
            });
        }
    }

    /** Of fourth order, so that a large step can keep rounding away; in f64 copies of the inputs. */
    private static double[] differences(Subject subject, String name) {
        try (Subject wide = wide(subject)) {
            Tensor input = wide.in(name);
            double[] differences = new double[(int) input.spec().elements()];
            for (int i = 0; i < differences.length; i++) {
                double at = input.get(i);
                double near = loss(wide, input, i, at + STEP) - loss(wide, input, i, at - STEP);
                double far = loss(wide, input, i, at + 2 * STEP) - loss(wide, input, i, at - 2 * STEP);
                differences[i] = (8 * near - far) / (12 * STEP);
                input.set(i, at);
            }
            return differences;
        }
    }

    private static Subject wide(Subject subject) {
        Subject wide = subject.technique().on(subject.spec.as(DataType.F64), PlanOptions.DEFAULT, Tensor::allocate);
        subject.inputs.forEach((name, from) -> copy(from, wide.in(name)));
        copy(subject.dy, wide.dy);
        return wide;
    }

    private static void copy(Tensor from, Tensor to) {
        for (long i = 0; i < from.spec().elements(); i++) {
            to.set(i, from.get(i));
        }
    }

    private static double loss(Subject subject, Tensor input, int i, double value) {
        input.set(i, value);
        double[] y = subject.formula(false);
        double loss = 0;
        for (int j = 0; j < y.length; j++) {
            loss += y[j] * subject.dy.get(j);
        }
        return loss;
    }

    /** A mean a million times the deviation, where E[x²] − E[x]² has no digit left. */
    @ParameterizedTest
    @EnumSource(Subject.Technique.class)
    void forwardIsAccurateFarFromZero(Subject.Technique technique) {
        TensorSpec spec = TensorSpec.of(DataType.F32, Layout.CHANNELS_FIRST, 2, 3, 5, 7);
        try (Subject subject = technique.on(spec, PlanOptions.DEFAULT, Tensor::allocate)) {
            Tensor x = subject.in("x");
            for (long i = 0; i < spec.elements(); i++) {
                x.set(i, 1e6 + x.get(i));
            }
            subject.forward(subject.out("y"));
            double[] expected = subject.formula(false);
            boolean blends = technique.name().contains("ADAPTIVE");
            for (int i = 0; i < expected.length; i++) {
                double near = blends ? Math.ulp((float) expected[i]) : NEAR_F32;
                assertEquals(expected[i], subject.out("y").get(i), near, "element " + i);
            }
        }
    }
}
