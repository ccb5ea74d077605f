package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptions that make no sense are refused where they are written, or where they meet a spec they do not fit. */
class DescriptionTest {

    private static final TensorSpec ROWS = TensorSpec.rows(2, 3, 4);
    private static final TensorSpec IMAGES = TensorSpec.channelsFirst(2, 6, 3, 3);

    private static void assertRefused(Executable code, String... fragments) {
        String message = assertThrows(IllegalArgumentException.class, code).getMessage();
        for (String fragment : fragments) {
            assertTrue(message.contains(fragment), () -> "'" + message + "' lacks '" + fragment + "'");
        }
    }

    static Stream<DoubleFunction<Object>> epsilons() {
        return Stream.of(LayerNorm.over(4)::epsilon, RmsNorm.over(4)::epsilon, BatchNorm.create()::epsilon,
                GroupNorm.of(3)::epsilon, InstanceNorm.create()::epsilon);
    }

    @ParameterizedTest
    @MethodSource("epsilons")
    void epsilonIsFiniteAndNotNegative(DoubleFunction<Object> epsilon) {
        for (double bad : new double[] {-1e-5, -Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(() -> epsilon.apply(bad), "epsilon is " + bad, "must be finite and at least 0");
        }
        epsilon.apply(0);
        epsilon.apply(1e300);
    }

    @Test
    void normalizedShapesHaveAxesOfSomeLength() {
        assertRefused(LayerNorm::over, "the normalized shape is empty", "at least one axis");
        assertRefused(RmsNorm::over, "the normalized shape is empty", "at least one axis");
        assertRefused(() -> LayerNorm.over(3, -4), "[3, -4]", "at least 0");
        assertRefused(() -> RmsNorm.over(-1), "[-1]", "at least 0");
    }

    static List<long[]> shapesThatAreNotTrailing() {
        return List.of(new long[] {3}, new long[] {4, 3}, new long[] {12}, new long[] {1, 4}, new long[] {2, 3, 5},
                new long[] {1, 2, 3, 4}, new long[] {0});
    }

    @ParameterizedTest
    @MethodSource("shapesThatAreNotTrailing")
    void normalizedShapesAreTheTrailingAxes(long[] shape) {
        assertRefused(() -> LayerNorm.over(shape).plan(ROWS), "x is " + ROWS, "trailing axes must be",
                Arrays.toString(shape));
        assertRefused(() -> RmsNorm.over(shape).plan(ROWS), "x is " + ROWS, "trailing axes must be",
                Arrays.toString(shape));
    }

    @Test
    void theNormalizedShapeIsCopied() {
        long[] shape = {4};
        LayerNorm norm = LayerNorm.over(shape);
        shape[0] = 5;
        norm.plan(ROWS).close();
    }

    @Test
    void parametersAndStatisticsHaveTheDefinedShapes() {
        assertSpecs(LayerNorm.over(3, 4).plan(ROWS), TensorSpec.rows(3, 4), TensorSpec.rows(2));
        assertSpecs(LayerNorm.over(2, 3, 4).plan(ROWS), TensorSpec.rows(2, 3, 4), TensorSpec.rows(1));
        assertSpecs(RmsNorm.over(4).plan(ROWS.as(DataType.F64)), TensorSpec.rows(4).as(DataType.F64),
                TensorSpec.rows(2, 3).as(DataType.F64));
        assertSpecs(BatchNorm.create().plan(IMAGES), TensorSpec.rows(6), TensorSpec.rows(6));
        assertSpecs(GroupNorm.of(3).plan(IMAGES), TensorSpec.rows(6), TensorSpec.rows(2, 3));
        assertSpecs(InstanceNorm.create().plan(TensorSpec.channelsLast(2, 3, 3, 6)), TensorSpec.rows(6),
                TensorSpec.rows(2, 6));
    }

    private static void assertSpecs(Plan plan, TensorSpec parameters, TensorSpec statistics) {
        assertEquals(parameters, plan.parameterSpec());
        assertEquals(statistics, plan.statisticsSpec());
        plan.close();
    }

    @Test
    void layerNormTakesTensorsOfAnyLayout() {
        LayerNorm.over(3, 3).plan(IMAGES).close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void thereIsAtLeastOneGroup(long groups) {
        assertRefused(() -> GroupNorm.of(groups), "groups is " + groups, "at least 1");
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 7, 12})
    void groupsDivideTheChannels(long groups) {
        assertRefused(() -> GroupNorm.of(groups).plan(IMAGES), "groups is " + groups, "divisor of the 6 channels",
                IMAGES.toString());
    }

    @Test
    void channelsNeedAnAxis() {
        assertRefused(() -> BatchNorm.create().plan(ROWS), "batch_norm needs a channel axis", ROWS.toString());
        assertRefused(() -> GroupNorm.of(1).plan(ROWS), "group_norm needs a channel axis", ROWS.toString());
        assertRefused(() -> InstanceNorm.create().plan(ROWS), "instance_norm needs a channel axis", ROWS.toString());
    }

    @Test
    void specsHaveEnoughAxesOfSomeLength() {
        assertRefused(TensorSpec::rows, "rank 0", "at least rank 1");
        assertRefused(() -> TensorSpec.channelsFirst(3), "3", "rank 1", "at least rank 2");
        assertRefused(() -> TensorSpec.channelsLast(3), "3", "rank 1", "at least rank 2");
        assertRefused(() -> TensorSpec.rows(3, -2), "3x-2", "negative");
        assertRefused(() -> TensorSpec.rows(0, -2), "0x-2", "negative");
        assertRefused(() -> TensorSpec.rows(1L << 31, 1L << 31), "2147483648x2147483648", "long");
        assertEquals(1L << 62, TensorSpec.rows(1L << 30, 1L << 30).byteSize());
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.5, Double.NaN, Double.NEGATIVE_INFINITY})
    void momentumIsAShare(double momentum) {
        assertRefused(() -> Momentum.ofNew(momentum), "momentum is " + momentum, "0 to 1");
        assertRefused(() -> Momentum.ofOld(momentum), "momentum is " + momentum, "0 to 1");
    }

    @Test
    void cumulativeAveragesCountFromOne() {
        assertEquals(0.25, Momentum.cumulativeAverage().weightOf(4));
        assertEquals(0.5, Momentum.ofNew(0.5).weightOf(0));
        assertRefused(() -> Momentum.cumulativeAverage().weightOf(0), "batch is 0", "from 1");
    }

    @Test
    void runningStatisticsBelongTogether() {
        Tensor three = Tensor.allocate(TensorSpec.rows(3));
        Tensor four = Tensor.allocate(TensorSpec.rows(4));
        assertRefused(() -> new RunningStatistics(three, four, 0), "running variance is " + four, three.toString());
        assertRefused(() -> new RunningStatistics(three, three, -1), "batches is -1", "at least 0");
        assertEquals("running mean is null; it must be a tensor of one element per channel",
                assertThrows(NullPointerException.class, () -> new RunningStatistics(null, three, 0)).getMessage());
    }

    @Test
    void nullIsRefusedByName() {
        assertNullRefused("normalizedShape", () -> LayerNorm.over((long[]) null));
        assertNullRefused("x", () -> LayerNorm.over(4).plan(null));
        assertNullRefused("x", () -> BatchNorm.create().plan(null));
        assertNullRefused("x", () -> InstanceNorm.create().plan(null));
        assertNullRefused("options", () -> RmsNorm.over(4).plan(ROWS, null));
        assertNullRefused("options", () -> BatchNorm.create().plan(IMAGES, null));
        assertNullRefused("name", () -> PlanOptions.DEFAULT.backend(null));
        assertNullRefused("shape", () -> TensorSpec.rows((long[]) null));
        assertNullRefused("spec", () -> Tensor.of(null, new float[1]));
        assertNullRefused("array", () -> Tensor.of(ROWS, (float[]) null));
        assertNullRefused("segment", () -> Tensor.of(ROWS, (MemorySegment) null));
    }

    private static void assertNullRefused(String name, Executable code) {
        assertEquals(name, assertThrows(NullPointerException.class, code).getMessage());
    }

    @Test
    void batchNormRefusesNullChoices() {
        BatchNorm norm = BatchNorm.create();
        assertNullRefused("momentum", () -> norm.momentum(null));
        assertNullRefused("convention", () -> norm.runningVariance(null));
        assertNullRefused("behaviour", () -> norm.singleValue(null));
    }

    @Test
    void descriptionsAreImmutable() {
        LayerNorm norm = LayerNorm.over(4);
        assertNotSame(norm, norm.epsilon(1));
        assertNotSame(norm, norm.withoutShift());
        Tensor x = Tensor.of(TensorSpec.rows(1, 4), new float[] {-1, -1, 1, 1});
        Tensor ones = Tensor.of(TensorSpec.rows(4), new float[] {1, 1, 1, 1});
        Tensor rstd = Tensor.allocate(TensorSpec.rows(1).as(DataType.F64));
        try (LayerNorm.Plan plan = norm.plan(x.spec())) {
            // Still with β and ε = 1e-5
            plan.forward(x, ones, ones, Tensor.allocate(x.spec()), new Statistics(null, null, rstd));
        }
        assertEquals(1 / Math.sqrt(1 + 1e-5), rstd.get(0), Math.ulp(1.0));
    }

    @Test
    void epsilonIsAddedInsideTheRoot() {
        // variance 3 and mean square 3, ε = 1
        Tensor x = Tensor.of(TensorSpec.of(DataType.F64, Layout.ROWS, 1, 4), new double[] {-1, -1, 3, -1});
        Tensor y = Tensor.allocate(x.spec());
        try (LayerNorm.Plan plan = LayerNorm.over(4).epsilon(1).withoutScale().withoutShift().plan(x.spec())) {
            plan.forward(x, null, null, y);
            assertEquals(1.5, y.get(2));
        }
        try (RmsNorm.Plan plan = RmsNorm.over(4).epsilon(1).withoutScale().plan(x.spec())) {
            plan.forward(x, null, null, y);
            assertEquals(1.5, y.get(2));
        }
    }
}
