package normkit.bench.jmh;

import java.util.Arrays;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.activation.Activation;
import normkit.techniques.BatchRenorm;
import normkit.techniques.ChannelGradients;
import normkit.techniques.ChannelMoments;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.techniques.PaddedBatchNorm;
import normkit.techniques.Positions;
import normkit.techniques.SyncBatchNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Sets up batch norm and its relatives. */
final class BatchStages {

    private BatchStages() {
    }

    static void renorm(Stage stage) {
        BatchRenorm.Plan plan = BatchRenorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.perChannel();
        Tensor shift = stage.perChannel();
        Tensor dscale = stage.output("dscale", stage.channels());
        Tensor dshift = stage.output("dshift", stage.channels());
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(stage.spec.channels());
        RunningStatistics running = RunningStatistics.allocate(DataType.F64, stage.spec.channels());
        stage.passes(() -> plan.train(stage.x, scale, shift, stage.y, saved, running, BatchRenorm.Limits.PAPER),
                () -> plan.backward(stage.dy, stage.x, scale, saved, stage.dx, dscale, dshift));
    }

    static void sync(Stage stage) {
        SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.perChannel();
        Tensor shift = stage.perChannel();
        Tensor dscale = stage.output("dscale", stage.channels());
        Tensor dshift = stage.output("dshift", stage.channels());
        int channels = Math.toIntExact(stage.spec.channels());
        ChannelMoments moments = ChannelMoments.allocate(channels);
        ChannelGradients sums = ChannelGradients.allocate(channels);
        stage.passes(() -> {
            plan.moments(stage.x, moments);
            plan.normalize(stage.x, scale, shift, moments, stage.y, null);
        }, () -> {
            plan.gradients(stage.dy, stage.x, moments, sums);
            plan.parameterGradients(sums, dscale, dshift);
            plan.backward(stage.dy, stage.x, scale, moments, sums, stage.dx);
        });
    }

    static void meanOnly(Stage stage) {
        MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor shift = stage.perChannel();
        Tensor dshift = stage.output("dshift", stage.channels());
        stage.passes(() -> plan.train(stage.x, shift, stage.y, null), () -> plan.backward(stage.dy, stage.dx, dshift));
    }

    static void padded(Stage stage) {
        PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(BatchNorm.create()).plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.perChannel();
        Tensor shift = stage.perChannel();
        Tensor dscale = stage.output("dscale", stage.channels());
        Tensor dshift = stage.output("dshift", stage.channels());
        Positions valid = lengths(stage.spec);
        Statistics saved = Statistics.allocate(stage.channels().as(DataType.F64));
        stage.passes(() -> plan.train(stage.x, valid, scale, shift, stage.y, saved, null),
                () -> plan.backward(stage.dy, stage.x, valid, scale, saved, stage.dx, dscale, dshift));
    }

    /** Sequences from half of the length to all of it. */
    static Positions lengths(TensorSpec x) {
        int length = Math.toIntExact(x.axis(1));
        int[] lengths = new int[Math.toIntExact(x.batch())];
        Arrays.setAll(lengths, n -> length / 2 + length / 2 * n / (lengths.length - 1));
        return Positions.lengths(length, lengths);
    }

    static void thenRelu(Stage stage) {
        BatchNorm.Plan plan = BatchNorm.create().then(Activation.RELU).plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.perChannel();
        Tensor shift = stage.perChannel();
        Tensor dscale = stage.output("dscale", stage.channels());
        Tensor dshift = stage.output("dshift", stage.channels());
        Statistics saved = Statistics.allocate(stage.channels().as(DataType.F64));
        stage.passes(() -> plan.train(stage.x, scale, shift, stage.y, saved, null),
                () -> plan.backward(stage.dy, stage.x, scale, shift, saved, stage.dx, dscale, dshift));
    }
}
