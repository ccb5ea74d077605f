package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.techniques.BatchInstanceNorm;
import normkit.techniques.BatchLayerNorm;
import normkit.techniques.SwitchableNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Techniques that mix statistics give the same bits on vector kernels as on the portable ones. */
class MixingBitsTest {

    static List<TensorSpec> specs() {
        List<TensorSpec> specs = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
                specs.add(TensorSpec.of(type, layout, 33, 19));
                for (long space : new long[] {1, 7, 64, 131}) {
                    specs.add(shape(type, layout, 3, 5, space));
                    specs.add(shape(type, layout, 2, 17, space));
                }
                specs.add(shape(type, layout, 2, 3, 9001));
            }
        }
        return specs;
    }

    private static TensorSpec shape(DataType type, Layout layout, long n, long c, long s) {
        return layout == Layout.CHANNELS_FIRST
                ? TensorSpec.of(type, layout, n, c, s)
                : TensorSpec.of(type, layout, n, s, c);
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(-1, 2));
        }
        return tensor;
    }

    private static TensorSpec vector(TensorSpec x, long length) {
        return TensorSpec.of(x.type(), Layout.ROWS, length);
    }

    private static double[] values(Tensor... tensors) {
        List<Double> values = new ArrayList<>();
        for (Tensor tensor : tensors) {
            for (long i = 0; i < tensor.spec().elements(); i++) {
                values.add(tensor.get(i));
            }
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** All results of a technique on a backend, one after the other. */
    private interface Results {
        double[] of(PlanOptions options);
    }

    private static void compare(Results results) {
        assertArrayEquals(results.of(PlanOptions.DEFAULT.backend("scalar")),
                results.of(PlanOptions.DEFAULT.backend("simd")));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchInstanceNorm(TensorSpec spec) {
        TensorSpec channels = vector(spec, spec.channels());
        BatchInstanceNorm.Parameters parameters =
                new BatchInstanceNorm.Parameters(random(channels, 1), random(channels, 2), random(channels, 3));
        compare(options -> {
            Tensor y = Tensor.allocate(spec);
            Tensor dx = Tensor.allocate(spec);
            BatchInstanceNorm.Parameters gradients = new BatchInstanceNorm.Parameters(Tensor.allocate(channels),
                    Tensor.allocate(channels), Tensor.allocate(channels));
            RunningStatistics running = RunningStatistics.allocate(spec.type(), spec.channels());
            try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(spec, options)) {
                Statistics saved = plan.newStatistics();
                plan.train(random(spec, 4), parameters, y, saved, running);
                plan.backward(random(spec, 5), random(spec, 4), parameters, saved, dx, gradients);
            }
            return values(y, dx, gradients.scale(), gradients.shift(), gradients.gate(), running.statistics().mean(),
                    running.statistics().variance());
        });
    }

    @ParameterizedTest
    @MethodSource("specs")
    void switchableNorm(TensorSpec spec) {
        TensorSpec channels = vector(spec, spec.channels());
        TensorSpec logits = vector(spec, 3);
        SwitchableNorm.Parameters parameters = new SwitchableNorm.Parameters(random(channels, 1), random(channels, 2),
                random(logits, 3), random(logits, 4));
        compare(options -> {
            Tensor y = Tensor.allocate(spec);
            Tensor dx = Tensor.allocate(spec);
            SwitchableNorm.Parameters gradients = new SwitchableNorm.Parameters(Tensor.allocate(channels),
                    Tensor.allocate(channels), Tensor.allocate(logits), Tensor.allocate(logits));
            try (SwitchableNorm.Plan plan = SwitchableNorm.create().plan(spec, options)) {
                Statistics saved = plan.newStatistics();
                plan.train(random(spec, 4), parameters, y, saved, null);
                plan.backward(random(spec, 5), random(spec, 4), parameters, saved, dx, gradients);
            }
            return values(y, dx, gradients.scale(), gradients.shift(), gradients.meanLogits(),
                    gradients.varianceLogits());
        });
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchLayerNorm(TensorSpec spec) {
        TensorSpec channels = vector(spec, spec.channels());
        BatchLayerNorm.Parameters parameters = new BatchLayerNorm.Parameters(random(channels, 1), random(channels, 2));
        compare(options -> {
            Tensor y = Tensor.allocate(spec);
            Tensor dx = Tensor.allocate(spec);
            BatchLayerNorm.Parameters gradients =
                    new BatchLayerNorm.Parameters(Tensor.allocate(channels), Tensor.allocate(channels));
            try (BatchLayerNorm.Plan plan = BatchLayerNorm.create().plan(spec, options)) {
                Statistics saved = plan.newStatistics();
                plan.train(random(spec, 4), parameters, y, saved, null);
                plan.backward(random(spec, 5), random(spec, 4), parameters, saved, dx, gradients);
            }
            return values(y, dx, gradients.scale(), gradients.shift());
        });
    }

    @ParameterizedTest
    @MethodSource("specs")
    void adaptiveInstanceNorm(TensorSpec spec) {
        TensorSpec style = TensorSpec.of(spec.type(), Layout.CHANNELS_LAST, spec.batch(), 5, 9, spec.channels());
        compare(options -> {
            Tensor y = Tensor.allocate(spec);
            Tensor dx = Tensor.allocate(spec);
            Tensor ds = Tensor.allocate(style);
            try (AdaptiveInstanceNorm.Plan plan =
                    AdaptiveInstanceNorm.create().strength(0.75).plan(spec, style, options)) {
                Statistics ofContent = plan.newStatistics();
                Statistics ofStyle = plan.newStatistics();
                plan.forward(random(spec, 1), random(style, 2), y, ofContent, ofStyle);
                plan.backward(random(spec, 3), random(spec, 1), random(style, 2), ofContent, ofStyle, dx, ds);
            }
            return values(y, dx, ds);
        });
    }
}
