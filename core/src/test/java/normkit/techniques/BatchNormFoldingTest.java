package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Folding against layers written as loops, in f64 so that only rounding of f64 is between them. */
class BatchNormFoldingTest {

    private static final int CHANNELS = 6;
    private static final double EPSILON = 1e-3;

    private static Tensor random(TensorSpec spec, long seed, double from, double to) {
        return new Given(spec).random(spec, seed, from, to);
    }

    private static TensorSpec rows(DataType type, long... shape) {
        return TensorSpec.of(type, Layout.ROWS, shape);
    }

    private static Statistics running(DataType type) {
        return Statistics.meanAndVariance(random(rows(type, CHANNELS), 1, -1, 1),
                random(rows(type, CHANNELS), 2, 0.2, 3));
    }

    private static BatchNormFolding folding(DataType type) {
        return BatchNormFolding.of(EPSILON, running(type), random(rows(type, CHANNELS), 3, 0.5, 2),
                random(rows(type, CHANNELS), 4, -1, 1));
    }

    private static double bias(Tensor bias, long o) {
        return bias == null ? 0 : bias.get(o);
    }

    /** y(n, o) = Σ W(o, i)·x(n, i) + b(o). */
    private static Tensor linear(Tensor weight, Tensor bias, Tensor x) {
        long n = x.spec().axis(0);
        long inputs = x.spec().axis(1);
        long outputs = weight.spec().axis(0);
        Tensor y = Tensor.allocate(TensorSpec.of(x.spec().type(), Layout.CHANNELS_LAST, n, outputs));
        for (long s = 0; s < n; s++) {
            for (long o = 0; o < outputs; o++) {
                double sum = bias(bias, o);
                for (long i = 0; i < inputs; i++) {
                    sum += weight.get(o * inputs + i) * x.get(s * inputs + i);
                }
                y.set(s * outputs + o, sum);
            }
        }
        return y;
    }

    /** Convolution of (n, I, h, w) with (O, I/g, k, k), without padding, stride 1. */
    private static Tensor convolve(Tensor weight, Tensor bias, Tensor x, int groups) {
        int inputs = (int) x.spec().axis(1);
        int outputs = (int) weight.spec().axis(0);
        int k = (int) weight.spec().axis(2);
        int size = (int) x.spec().axis(2);
        int n = (int) x.spec().axis(0);
        int out = size - k + 1;
        int perGroup = inputs / groups;
        Tensor y = Tensor.allocate(TensorSpec.of(x.spec().type(), Layout.CHANNELS_FIRST, n, outputs, out, out));
        for (int s = 0; s < n; s++) {
            for (int o = 0; o < outputs; o++) {
                int first = o / (outputs / groups) * perGroup;
                for (int p = 0; p < out * out; p++) {
                    double sum = bias(bias, o);
                    for (int i = 0; i < perGroup; i++) {
                        for (int q = 0; q < k * k; q++) {
                            int row = p / out + q / k;
                            int column = p % out + q % k;
                            sum += weight.get((long) (o * perGroup + i) * k * k + q)
                                    * x.get(((long) (s * inputs + first + i) * size + row) * size + column);
                        }
                    }
                    y.set((long) (s * outputs + o) * out * out + p, sum);
                }
            }
        }
        return y;
    }

    /** Transposed convolution of (n, I, h, w) with (I, O/g, k, k), without padding, stride 1. */
    private static Tensor spread(Tensor weight, Tensor bias, Tensor x, int groups) {
        int inputs = (int) x.spec().axis(1);
        int perGroup = (int) weight.spec().axis(1);
        int outputs = perGroup * groups;
        int k = (int) weight.spec().axis(2);
        int size = (int) x.spec().axis(2);
        int n = (int) x.spec().axis(0);
        int out = size + k - 1;
        Tensor y = Tensor.allocate(TensorSpec.of(x.spec().type(), Layout.CHANNELS_FIRST, n, outputs, out, out));
        for (int s = 0; s < n; s++) {
            for (long j = 0; j < (long) outputs * out * out; j++) {
                y.set((long) s * outputs * out * out + j, bias(bias, j / (out * out)));
            }
            for (int i = 0; i < inputs; i++) {
                int first = i / (inputs / groups) * perGroup;
                for (int p = 0; p < size * size; p++) {
                    double value = x.get((long) (s * inputs + i) * size * size + p);
                    for (int o = 0; o < perGroup; o++) {
                        for (int q = 0; q < k * k; q++) {
                            long to = ((long) (s * outputs + first + o) * out + p / size + q / k) * out + p % size
                                    + q % k;
                            y.set(to, y.get(to) + value * weight.get((long) (i * perGroup + o) * k * k + q));
                        }
                    }
                }
            }
        }
        return y;
    }

    private static BatchNormFolding.Difference check(BatchNormFolding folding, BatchNormFolding.Layer layer,
            Tensor weight, int axis, int groups, Tensor bias, Tensor... probes) {
        Tensor foldedWeight = Tensor.allocate(weight.spec());
        Tensor foldedBias = Tensor.allocate(rows(weight.spec().type(), CHANNELS));
        folding.fold(weight, axis, groups, bias, foldedWeight, foldedBias);
        return folding.check(layer, weight, bias, foldedWeight, foldedBias, List.of(probes));
    }

    private static void assertSmall(DataType type, BatchNormFolding.Difference difference) {
        double near = type == DataType.F32 ? 2e-6 : 1e-14;
        assertTrue(difference.relative() < near, difference::toString);
        assertTrue(difference.magnitude() > 1, difference::toString);
    }

    @ParameterizedTest
    @EnumSource
    void aLinearLayerWithAndWithoutBias(DataType type) {
        Tensor weight = random(rows(type, CHANNELS, 5), 5, -1, 1);
        Tensor[] probes = {random(rows(type, 4, 5), 6, -1, 1), random(rows(type, 1, 5), 7, -3, 3)};
        Tensor bias = random(rows(type, CHANNELS), 8, -1, 1);
        assertSmall(type, check(folding(type), BatchNormFoldingTest::linear, weight, 0, 1, bias, probes));
        assertSmall(type, check(folding(type), BatchNormFoldingTest::linear, weight, 0, 1, null, probes));
    }

    @ParameterizedTest
    @CsvSource({"F32, 1", "F32, 2", "F64, 1", "F64, 2", "F64, 6"})
    void aConvolutionInGroups(DataType type, int groups) {
        Tensor weight = random(rows(type, CHANNELS, 12 / groups, 3, 3), 5, -1, 1);
        Tensor x = random(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 12, 6, 6), 6, -1, 1);
        Tensor bias = random(rows(type, CHANNELS), 8, -1, 1);
        BatchNormFolding.Layer layer = (w, b, probe) -> convolve(w, b, probe, groups);
        assertSmall(type, check(folding(type), layer, weight, 0, 1, bias, x));
    }

    @ParameterizedTest
    @CsvSource({"F32, 1", "F32, 2", "F64, 1", "F64, 2", "F64, 6"})
    void aTransposedConvolutionInGroups(DataType type, int groups) {
        Tensor weight = random(rows(type, 12, CHANNELS / groups, 3, 3), 5, -1, 1);
        Tensor x = random(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 12, 4, 4), 6, -1, 1);
        Tensor bias = random(rows(type, CHANNELS), 8, -1, 1);
        BatchNormFolding.Layer layer = (w, b, probe) -> spread(w, b, probe, groups);
        assertSmall(type, check(folding(type), layer, weight, 1, groups, bias, x));
    }

    /** γ·rstd is 2 and 0.5 with these numbers, so that everything is exact. */
    @Test
    void theLastAxisInPlaceByHand() {
        TensorSpec two = rows(DataType.F64, 2);
        Statistics given =
                Statistics.meanAndRstd(Tensor.of(two, new double[] {1, 4}), Tensor.of(two, new double[] {4, 0.25}));
        BatchNormFolding folding = BatchNormFolding.of(0, given, Tensor.of(two, new double[] {0.5, 2}), null);
        double[] weight = {1, 2, 3, 4, 5, 6};
        double[] bias = {3, 8};
        Tensor w = Tensor.of(rows(DataType.F64, 3, 2), weight);
        Tensor b = Tensor.of(two, bias);
        folding.fold(w, 1, b, w, b);
        assertArrayEquals(new double[] {2, 1, 6, 2, 10, 3}, weight);
        assertArrayEquals(new double[] {4, 2}, bias);
    }

    @Test
    void aBatchNormOfItsOwnStatisticsIsTheIdentity() {
        Statistics given = running(DataType.F64);
        Tensor scale = Tensor.allocate(given.mean().spec());
        for (int c = 0; c < CHANNELS; c++) {
            scale.set(c, Math.sqrt(given.variance().get(c) + EPSILON));
        }
        BatchNormFolding folding = BatchNormFolding.of(EPSILON, given, scale, given.mean());
        Tensor weight = random(rows(DataType.F64, CHANNELS, 5), 5, -1, 1);
        Tensor foldedWeight = Tensor.allocate(weight.spec());
        Tensor foldedBias = Tensor.allocate(given.mean().spec());
        folding.fold(weight, 0, null, foldedWeight, foldedBias);
        assertArrayEquals(Given.values(weight), Given.values(foldedWeight), 1e-15);
        assertArrayEquals(new double[CHANNELS], Given.values(foldedBias), 1e-15);
    }

    @Test
    void theCheckFindsWrongParametersAndTellsWhere() {
        BatchNormFolding folding = folding(DataType.F64);
        Tensor weight = random(rows(DataType.F64, CHANNELS, 5), 5, -1, 1);
        Tensor foldedWeight = Tensor.allocate(weight.spec());
        Tensor foldedBias = Tensor.allocate(rows(DataType.F64, CHANNELS));
        folding.fold(weight, 0, null, foldedWeight, foldedBias);
        foldedBias.set(3, foldedBias.get(3) + 0.5);
        Tensor zero = Tensor.allocate(rows(DataType.F64, 1, 5));
        Tensor probe = random(rows(DataType.F64, 2, 5), 6, -1, 1);
        BatchNormFolding.Difference difference = folding.check(BatchNormFoldingTest::linear, weight, null, foldedWeight,
                foldedBias, List.of(zero, probe));
        assertEquals(0.5, difference.absolute(), 1e-12);
        assertEquals(3, difference.index() % CHANNELS);
        foldedBias.set(3, Double.NaN);
        difference = folding.check(BatchNormFoldingTest::linear, weight, null, foldedWeight, foldedBias, List.of(zero));
        assertEquals(new BatchNormFolding.Difference(Double.POSITIVE_INFINITY, difference.magnitude(), 0, 3),
                difference);
    }

    @Test
    void wrongArgumentsAreNamedAndNothingIsWritten() {
        BatchNormFolding folding = folding(DataType.F32);
        Tensor weight = Tensor.allocate(rows(DataType.F32, CHANNELS, 4));
        Tensor out = Tensor.allocate(weight.spec());
        Tensor bias = Tensor.allocate(rows(DataType.F32, CHANNELS));
        assertMessage("output axis is 2; it must be 0 to 1", () -> folding.fold(weight, 2, null, out, bias));
        assertMessage("1 times 4 outputs along axis 1; it must have 6", () -> folding.fold(weight, 1, null, out, bias));
        assertMessage("groups is 2", () -> folding.fold(weight, 0, 2, null, out, bias));
        assertMessage("groups is 4", () -> folding.fold(weight, 1, 4, null, out, bias));
        assertMessage("folded weight is", () -> folding.fold(weight, 0, null, bias, bias));
        assertMessage("bias is", () -> folding.fold(weight, 0, out, out, bias));
        assertMessage("scale is", () -> BatchNormFolding.of(0, running(DataType.F32), weight, null));
        assertMessage("epsilon is -1.0", () -> BatchNormFolding.of(-1, running(DataType.F32), null, null));
        assertThrows(NullPointerException.class, () -> folding.fold(weight, 0, null, out, null));
        assertThrows(NullPointerException.class, () -> BatchNormFolding.of(0, Statistics.NONE, null, null));
        assertMessage("output of the layer is", () -> folding.check((w, b, x) -> x, weight, null, out, bias,
                List.of(Tensor.allocate(TensorSpec.channelsLast(2, 5)))));
    }

    private static void assertMessage(String part, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(part), message);
    }
}
