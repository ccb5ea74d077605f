package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.techniques.BatchRenorm;
import normkit.techniques.ChannelGradients;
import normkit.techniques.ChannelMoments;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.techniques.PaddedBatchNorm;
import normkit.techniques.PaddedNorm;
import normkit.techniques.Positions;
import normkit.techniques.SyncBatchNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Techniques over channels give the same bits with vector kernels as with portable ones. */
class ChannelTechniquesBitsTest {

    /** The tensors of a training step on one backend. */
    private static final class Step {

        final PlanOptions options;
        final TensorSpec spec;
        final Tensor x;
        final Tensor dy;
        final Tensor y;
        final Tensor dx;
        final Tensor scale;
        final Tensor shift;
        final Tensor dscale;
        final Tensor dshift;
        final RunningStatistics running;

        Step(TensorSpec spec, String backend) {
            this.options = PlanOptions.DEFAULT.backend(backend);
            this.spec = spec;
            TensorSpec parameters = TensorSpec.of(spec.type(), Layout.ROWS, spec.channels());
            x = random(spec, 1);
            dy = random(spec, 2);
            y = Tensor.allocate(spec);
            dx = Tensor.allocate(spec);
            scale = random(parameters, 3);
            shift = random(parameters, 4);
            dscale = Tensor.allocate(parameters);
            dshift = Tensor.allocate(parameters);
            running = RunningStatistics.allocate(spec.type(), spec.channels());
        }

        private static Tensor random(TensorSpec spec, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            Tensor tensor = Tensor.allocate(spec);
            for (long i = 0; i < spec.elements(); i++) {
                tensor.set(i, random.nextDouble(-1, 3));
            }
            return tensor;
        }

        double[] outputs() {
            List<Tensor> outputs =
                    List.of(y, dx, dscale, dshift, running.statistics().mean(), running.statistics().variance());
            return outputs.stream().flatMapToDouble(Step::values).toArray();
        }

        private static DoubleStream values(Tensor tensor) {
            double[] values = new double[(int) tensor.spec().elements()];
            Arrays.setAll(values, tensor::get);
            return Arrays.stream(values);
        }
    }

    static List<TensorSpec> specs() {
        List<TensorSpec> specs = new ArrayList<>();
        for (DataType type : DataType.values()) {
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 3, 5, 7, 9));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 40, 3, 5));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 3, 2500));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 33, 130));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 3, 7, 9, 5));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 2, 1300, 67));
        }
        return specs;
    }

    @ParameterizedTest
    @MethodSource("specs")
    void batchRenormHasTheBitsOfThePortableBackend(TensorSpec spec) {
        compare(spec, step -> {
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(spec.channels());
            try (BatchRenorm.Plan plan = BatchRenorm.create().plan(spec, step.options)) {
                assertTrue(plan.explain().contains(step.options.backend()));
                plan.train(step.x, step.scale, step.shift, step.y, saved, step.running,
                        new BatchRenorm.Limits(1.1, 0.7));
                plan.backward(step.dy, step.x, step.scale, saved, step.dx, step.dscale, step.dshift);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("specs")
    void syncBatchNormHasTheBitsOfThePortableBackend(TensorSpec spec) {
        compare(spec, step -> {
            ChannelMoments moments = ChannelMoments.allocate((int) spec.channels());
            ChannelGradients sums = ChannelGradients.allocate((int) spec.channels());
            try (SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(spec, step.options)) {
                plan.moments(step.x, moments);
                plan.normalize(step.x, step.scale, step.shift, moments, step.y, step.running);
                plan.gradients(step.dy, step.x, moments, sums);
                plan.parameterGradients(sums, step.dscale, step.dshift);
                plan.backward(step.dy, step.x, step.scale, moments, sums, step.dx);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("specs")
    void meanOnlyBatchNormHasTheBitsOfThePortableBackend(TensorSpec spec) {
        compare(spec, step -> {
            try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(spec, step.options)) {
                plan.train(step.x, step.shift, step.y, step.running);
                plan.backward(step.dy, step.dx, step.dshift);
            }
        });
    }

    /** Every third position or so is padding. */
    private static Positions valid(TensorSpec spec) {
        boolean[][] mask = new boolean[(int) spec.batch()][(int) spec.spatial()];
        for (int n = 0; n < mask.length; n++) {
            for (int p = 0; p < mask[n].length; p++) {
                mask[n][p] = (n + p * p) % 3 != 0;
            }
        }
        return Positions.mask(mask);
    }

    static List<TensorSpec> sequences() {
        return specs().stream().filter(spec -> spec.rank() > 2).toList();
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void paddedBatchNormHasTheBitsOfThePortableBackend(TensorSpec spec) {
        compare(spec, step -> {
            Statistics saved = Statistics.allocate(step.scale.spec());
            try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(BatchNorm.create()).plan(spec, step.options)) {
                plan.train(step.x, valid(spec), step.scale, step.shift, step.y, saved, step.running);
                plan.backward(step.dy, step.x, valid(spec), step.scale, saved, step.dx, step.dscale, step.dshift);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void otherPaddedNormsHaveTheBitsOfThePortableBackend(TensorSpec spec) {
        for (PaddedNorm norm : List.of(PaddedNorm.of(InstanceNorm.create()), PaddedNorm.of(GroupNorm.of(1)),
                PaddedNorm.of(LayerNorm.over(spec.channels())))) {
            compare(spec, step -> {
                try (PaddedNorm.Plan plan = norm.plan(spec, step.options)) {
                    PaddedNorm.Saved saved = plan.forward(step.x, valid(spec), step.scale, step.shift, step.y);
                    plan.backward(step.dy, step.x, step.scale, saved, step.dx, step.dscale, step.dshift);
                }
            });
        }
    }

    private static void compare(TensorSpec spec, Consumer<Step> technique) {
        Step scalar = new Step(spec, "scalar");
        Step simd = new Step(spec, "simd");
        technique.accept(scalar);
        technique.accept(simd);
        assertArrayEquals(scalar.outputs(), simd.outputs());
    }
}
