package normkit.bench.jmh;

import normkit.RunningStatistics;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.techniques.BatchInstanceNorm;
import normkit.techniques.BatchLayerNorm;
import normkit.techniques.SwitchableNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Sets up techniques that mix statistics. */
final class MixingStages {

    private static final int KINDS = 3;

    private MixingStages() {
    }

    private static RunningStatistics running(Stage stage) {
        return RunningStatistics.allocate(DataType.F64, stage.spec.channels());
    }

    static void batchInstance(Stage stage) {
        BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        var given = new BatchInstanceNorm.Parameters(stage.perChannel(), stage.perChannel(), stage.perChannel());
        var gradients = new BatchInstanceNorm.Parameters(stage.output("dscale", stage.channels()),
                stage.output("dshift", stage.channels()), stage.output("dgate", stage.channels()));
        Statistics saved = plan.newStatistics();
        RunningStatistics running = running(stage);
        stage.passes(() -> plan.train(stage.x, given, stage.y, saved, running),
                () -> plan.backward(stage.dy, stage.x, given, saved, stage.dx, gradients));
    }

    static void switchable(Stage stage) {
        SwitchableNorm.Plan plan = SwitchableNorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        TensorSpec logits = TensorSpec.rows(KINDS);
        var given = new SwitchableNorm.Parameters(stage.perChannel(), stage.perChannel(), stage.tensors.filled(logits),
                stage.tensors.filled(logits));
        var gradients = new SwitchableNorm.Parameters(stage.output("dscale", stage.channels()),
                stage.output("dshift", stage.channels()), stage.output("gradient of mean logits", logits),
                stage.output("gradient of variance logits", logits));
        Statistics saved = plan.newStatistics();
        RunningStatistics running = running(stage);
        stage.passes(() -> plan.train(stage.x, given, stage.y, saved, running),
                () -> plan.backward(stage.dy, stage.x, given, saved, stage.dx, gradients));
    }

    static void batchLayer(Stage stage) {
        BatchLayerNorm.Plan plan = BatchLayerNorm.create().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        var given = new BatchLayerNorm.Parameters(stage.perChannel(), stage.perChannel());
        var gradients = new BatchLayerNorm.Parameters(stage.output("dscale", stage.channels()),
                stage.output("dshift", stage.channels()));
        Statistics saved = plan.newStatistics();
        RunningStatistics running = running(stage);
        stage.passes(() -> plan.train(stage.x, given, stage.y, saved, running),
                () -> plan.backward(stage.dy, stage.x, given, saved, stage.dx, gradients));
    }

    static void adaptiveInstance(Stage stage) {
        TensorSpec spec = stage.spec;
        TensorSpec style = TensorSpec.channelsFirst(spec.batch(), spec.channels(), spec.axis(2) / 2, spec.axis(3) / 2);
        AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(spec, style, stage.options);
        stage.closing(plan::close);
        Tensor s = stage.tensors.filled(style);
        Tensor ds = stage.output("dstyle", style);
        Statistics ofContent = plan.newStatistics();
        Statistics ofStyle = plan.newStatistics();
        stage.passes(() -> plan.forward(stage.x, s, stage.y, ofContent, ofStyle),
                () -> plan.backward(stage.dy, stage.x, s, ofContent, ofStyle, stage.dx, ds));
    }
}
