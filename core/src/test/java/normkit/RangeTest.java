package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values whose squares or sums leave the range of their type are normalized as well as any. */
class RangeTest {

    /** Of the largest of |γ|, |γx̂|, |β| and |y|: the accuracy that is promised. */
    private static final double FORWARD_ULPS = 3;
    /** In f64, whose moments have no wider type. */
    private static final double WIDE_FORWARD_ULPS = 5;
    /** Of the largest term of dx in its set. */
    private static final double BACKWARD_ULPS = 8;
    /** Of γ·rstd·dy itself: a rounded product of a rounded product. */
    private static final double FROZEN_ULPS = 2;

    /** Magnitude of the spread, mean in units of the spread, and ε. */
    record Range(DataType type, double spread, double offset, double epsilon) {}

    static List<Arguments> cases() {
        List<Range> ranges = new ArrayList<>();
        ranges.add(new Range(DataType.F64, 1e-300, 0, 1e-5));
        for (double epsilon : new double[] {0, 1e-5}) {
            for (double spread : new double[] {1, 1e10, 1e19, 1e30, 1e38, 1e-3, 1e-15, 1e-19, 1e-21, 1e-30, 1e-38,
                1e-42}) {
                ranges.add(new Range(DataType.F32, spread, 0, epsilon));
                ranges.add(new Range(DataType.F32, spread, 2, epsilon));
            }
            ranges.add(new Range(DataType.F32, 1e28, 1000, epsilon));
            ranges.add(new Range(DataType.F32, 1e-28, 1000, epsilon));
            for (double spread : new double[] {1, 1e100, 1e150, 1e-100, 1e-150}) {
                ranges.add(new Range(DataType.F64, spread, 0, epsilon));
                ranges.add(new Range(DataType.F64, spread, 2, epsilon));
            }
        }
        return inEveryOperation(ranges);
    }

    /** Spreads whose variance is not a normal double. */
    static List<Arguments> beyond() {
        return inEveryOperation(List.of(new Range(DataType.F64, 1e155, 0, 0), new Range(DataType.F64, 1e300, 2, 0),
                new Range(DataType.F64, 1e-155, 0, 0), new Range(DataType.F64, 1e-300, 2, 0)));
    }

    /** Gradients of a size with which rstd²·dy leaves the range, or loses digits, although dx, about rstd·dy, does not. */
    static List<Arguments> gradients() {
        List<Arguments> cases = new ArrayList<>();
        for (double power : new double[] {6, -6}) {
            double f32 = Math.pow(10, -3 * power);
            double f64 = Math.pow(10, -25 * power);
            inEveryOperation(List.of(new Range(DataType.F32, f32, 0, 0), new Range(DataType.F32, f32, 2, 0),
                    new Range(DataType.F64, f64, 0, 0), new Range(DataType.F64, f64, 2, 0)))
                    .forEach(a -> cases.add(Arguments.of(a.get()[0], a.get()[1], a.get()[2],
                            Math.pow(((Range) a.get()[2]).type == DataType.F32 ? 10 : 1e3, power))));
        }
        return cases;
    }

    private static List<Arguments> inEveryOperation(List<Range> ranges) {
        List<Arguments> cases = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (Layout layout : new Subject(operation, Pass.FORWARD).layouts()) {
                ranges.forEach(range -> cases.add(Arguments.of(operation, layout, range)));
            }
        }
        return cases;
    }

    static List<Arguments> givenCases() {
        return cases().stream().filter(a -> a.get()[0] == Operation.BATCH_NORM)
                .map(a -> Arguments.of(a.get()[1], a.get()[2])).toList();
    }

    static List<Arguments> frozenCases() {
        return givenCases().stream().filter(a -> !steep((Range) a.get()[1])).toList();
    }

    static List<Arguments> steepFrozenCases() {
        return givenCases().stream().filter(a -> steep((Range) a.get()[1])).toList();
    }

    /** Whether rstd is near or past the largest float. */
    private static boolean steep(Range range) {
        return range.type == DataType.F32 && range.epsilon == 0 && range.spread < 1e-37;
    }

    private static TensorSpec spec(Layout layout, Range range) {
        return switch (layout) {
            case ROWS -> TensorSpec.of(range.type, layout, 3, 37);
            case CHANNELS_FIRST -> TensorSpec.of(range.type, layout, 2, 6, 7);
            case CHANNELS_LAST -> TensorSpec.of(range.type, layout, 2, 7, 6);
        };
    }

    private static void fill(Tensor x, Range range) {
        SplittableRandom random = new SplittableRandom(11);
        for (long i = 0; i < x.spec().elements(); i++) {
            x.set(i, (random.nextDouble(-1, 1) + range.offset) * range.spread);
        }
    }

    @ParameterizedTest
    @MethodSource("beyond")
    void resultsAreAccurateWhereTheVarianceIsNoDouble(Operation operation, Layout layout, Range range) {
        resultsAreAccurate(operation, layout, range);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resultsAreAccurate(Operation operation, Layout layout, Range range) {
        assertAccurate(operation, spec(layout, range), range, 1);
    }

    @ParameterizedTest
    @MethodSource("gradients")
    void gradientsOfAnySizeAreAccurate(Operation operation, Layout layout, Range range, double size) {
        assertAccurate(operation, spec(layout, range), range, size);
        if (layout == Layout.ROWS) {
            // So short that several are computed side by side.
            assertAccurate(operation, TensorSpec.of(range.type, layout, 5, 7), range, size);
        }
    }

    /** The largest dy is about twice {@code size}. */
    private static void assertAccurate(Operation operation, TensorSpec spec, Range range, double size) {
        Subject forward = new Subject(operation, Pass.FORWARD);
        Subject backward = new Subject(operation, Pass.BACKWARD);
        try (Plan plan = forward.plan(spec, range.epsilon)) {
            Call call = Call.of(forward, plan);
            Tensor x = call.get("x");
            fill(x, range);
            Tensor mean = Tensor.allocate(plan.statisticsSpec().as(DataType.F64));
            Tensor rstd = Tensor.allocate(plan.statisticsSpec().as(DataType.F64));
            call = call.with("running mean", null).with("mean", mean).with("rstd", rstd);
            call.run();
            Exact exact = new Exact(operation, x, range.epsilon);
            assertForward(exact, call, spec);
            Call gradient = Call.of(backward, plan).with("x", x).with("mean", mean).with("rstd", rstd);
            scale(gradient.get("dy"), size);
            gradient.run();
            assertBackward(exact, operation, gradient, spec, new BigDecimal(size));
            assertSameInPlace(gradient);
        }
    }

    private static void scale(Tensor tensor, double factor) {
        for (long i = 0; i < tensor.spec().elements(); i++) {
            tensor.set(i, tensor.get(i) * factor);
        }
    }

    /** Runs a gradient again with dx in place of dy and of x. */
    private static void assertSameInPlace(Call call) {
        Tensor dx = call.get("dx");
        for (String place : List.of("dy", "x")) {
            Tensor target = Tensor.allocate(dx.spec());
            call.copied(place, target).with("dx", target).run();
            for (long i = 0; i < dx.spec().elements(); i++) {
                assertEquals(dx.get(i), target.get(i), "dx in place of " + place);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("givenCases")
    void inferenceIsAccurate(Layout layout, Range range) {
        assertAccurateWithGivenStatistics(new Subject(Operation.BATCH_NORM, Pass.INFERENCE), layout, range);
    }

    @ParameterizedTest
    @MethodSource("frozenCases")
    void frozenGradientsAreAccurate(Layout layout, Range range) {
        assertAccurateWithGivenStatistics(new Subject(Operation.BATCH_NORM, Pass.FROZEN_BACKWARD), layout, range);
    }

    @ParameterizedTest
    @MethodSource("steepFrozenCases")
    void frozenGradientsAreAccurateWhereRstdIsNoFloat(Layout layout, Range range) {
        frozenGradientsAreAccurate(layout, range);
    }

    private static void assertAccurateWithGivenStatistics(Subject subject, Layout layout, Range range) {
        TensorSpec spec = spec(layout, range);
        try (Plan plan = subject.plan(spec, range.epsilon)) {
            Tensor x = Tensor.allocate(spec);
            fill(x, range);
            Exact batch = new Exact(subject.operation(), x, range.epsilon);
            Tensor mean = Tensor.allocate(plan.statisticsSpec().as(DataType.F64));
            Tensor rstd = Tensor.allocate(plan.statisticsSpec().as(DataType.F64));
            for (int set = 0; set < batch.sets().number(); set++) {
                mean.set(set, batch.mean(set).doubleValue());
                rstd.set(set, batch.rstd(set).doubleValue());
            }
            Call call = Call.of(subject, plan).with("x", x).with("mean", mean).with("rstd", rstd);
            Exact given = new Exact(subject.operation(), x, mean, rstd);
            if (subject.pass() == Pass.INFERENCE) {
                call.run();
                assertForward(given, call, spec);
            } else {
                call.get("dy").set(0, 0);
                call.run();
                assertFrozen(given, call, spec);
            }
        }
    }

    private static void assertFrozen(Exact exact, Call call, TensorSpec spec) {
        for (int i = 0; i < spec.elements(); i++) {
            BigDecimal dy = Exact.value(call.get("dy"), i);
            BigDecimal scale = Exact.value(call.get("scale"), exact.sets().parameterOf(i));
            BigDecimal dx = dy.multiply(scale).multiply(exact.rstd(exact.sets().of(i)));
            assertClose(FROZEN_ULPS, spec, call.get("dx").get(i), dx, dx.abs().doubleValue(), "dx[" + i + "]");
        }
    }

    private static void assertForward(Exact exact, Call call, TensorSpec spec) {
        for (int i = 0; i < spec.elements(); i++) {
            BigDecimal scale = Exact.value(call.get("scale"), exact.sets().parameterOf(i));
            BigDecimal shift = Exact.value(call.get("shift"), exact.sets().parameterOf(i));
            BigDecimal product = scale.multiply(exact.normalized(i));
            BigDecimal y = product.add(shift);
            double magnitude = scale.abs().max(product.abs()).max(shift.abs()).max(y.abs()).doubleValue();
            double ulps = spec.type() == DataType.F32 ? FORWARD_ULPS : WIDE_FORWARD_ULPS;
            assertClose(ulps, spec, call.get("y").get(i), y, magnitude, "y[" + i + "]");
        }
    }

    /** {@code unit} is the size of dy. */
    private static void assertBackward(Exact exact, Operation operation, Call call, TensorSpec spec, BigDecimal unit) {
        BigDecimal[] means = exact.meanGradient(call.get("dy"), call.get("scale"), false);
        BigDecimal[] dots = exact.meanGradient(call.get("dy"), call.get("scale"), true);
        int parameters = (int) call.specOf("scale").elements();
        BigDecimal[] dscale = new BigDecimal[parameters];
        BigDecimal[] magnitudes = new BigDecimal[parameters];
        for (int i = 0; i < spec.elements(); i++) {
            int set = exact.sets().of(i);
            int parameter = exact.sets().parameterOf(i);
            BigDecimal dy = Exact.value(call.get("dy"), i);
            BigDecimal g = dy.multiply(Exact.value(call.get("scale"), parameter));
            BigDecimal centre = operation.centred() ? means[set] : BigDecimal.ZERO;
            BigDecimal projection = exact.normalized(i).multiply(dots[set]);
            BigDecimal dx = g.subtract(centre).subtract(projection).multiply(exact.rstd(set));
            double magnitude =
                    g.abs().add(centre.abs()).add(projection.abs()).add(unit).multiply(exact.rstd(set)).doubleValue();
            assertClose(BACKWARD_ULPS, spec, call.get("dx").get(i), dx, magnitude, "dx[" + i + "]");
            BigDecimal term = dy.multiply(exact.normalized(i));
            dscale[parameter] = dscale[parameter] == null ? term : dscale[parameter].add(term);
            magnitudes[parameter] = magnitudes[parameter] == null ? unit : magnitudes[parameter];
            magnitudes[parameter] = magnitudes[parameter].add(term.abs());
        }
        for (int p = 0; p < parameters; p++) {
            assertClose(BACKWARD_ULPS, spec, call.get("dscale").get(p), dscale[p], magnitudes[p].doubleValue(),
                    "dscale[" + p + "]");
        }
    }

    private static void assertClose(double ulps, TensorSpec spec, double actual, BigDecimal exact, double magnitude,
            String what) {
        double error = Exact.error(spec.type(), actual, exact, magnitude);
        assertTrue(error <= ulps, () -> what + " is " + actual + ", but exactly " + exact.doubleValue() + ": " + error
                + " ulp of " + magnitude);
    }
}
