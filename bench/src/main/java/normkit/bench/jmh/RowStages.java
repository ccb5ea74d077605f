package normkit.bench.jmh;

import normkit.LayerNorm;
import normkit.activation.Activation;
import normkit.techniques.MeanVarianceNorm;
import normkit.techniques.PaddedNorm;
import normkit.techniques.Positions;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Sets up layer norm with all that goes with it, and techniques that are a norm in other clothes. */
final class RowStages {

    private RowStages() {
    }

    static void thenGelu(Stage stage) {
        layer(stage, norm(stage).then(Activation.GELU));
    }

    static void afterSilu(Stage stage) {
        layer(stage, norm(stage).after(Activation.SILU));
    }

    private static LayerNorm norm(Stage stage) {
        return LayerNorm.over(length(stage));
    }

    private static long length(Stage stage) {
        return stage.spec.axis(stage.spec.rank() - 1);
    }

    private static TensorSpec parameters(Stage stage) {
        return TensorSpec.rows(length(stage));
    }

    private static void layer(Stage stage, LayerNorm norm) {
        LayerNorm.Plan plan = norm.plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.tensors.filled(parameters(stage));
        Tensor shift = stage.tensors.filled(parameters(stage));
        Tensor dscale = stage.output("dscale", parameters(stage));
        Tensor dshift = stage.output("dshift", parameters(stage));
        Statistics saved = Statistics.allocate(plan.statisticsSpec().as(DataType.F64));
        stage.passes(() -> plan.forward(stage.x, scale, shift, stage.y, saved),
                () -> plan.backward(stage.dy, stage.x, scale, shift, saved, stage.dx, dscale, dshift));
    }

    static void addingResidual(Stage stage) {
        LayerNorm.Plan plan = norm(stage).addingResidual().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.tensors.filled(parameters(stage));
        Tensor shift = stage.tensors.filled(parameters(stage));
        Tensor residual = stage.tensors.filled(stage.spec);
        Tensor dsum = stage.tensors.filled(stage.spec);
        Tensor sum = stage.output("sum", stage.spec);
        Tensor dscale = stage.output("dscale", parameters(stage));
        Tensor dshift = stage.output("dshift", parameters(stage));
        Statistics saved = Statistics.allocate(plan.statisticsSpec().as(DataType.F64));
        stage.passes(() -> plan.forward(stage.x, residual, scale, shift, sum, stage.y, saved),
                () -> plan.backward(stage.dy, dsum, sum, scale, shift, saved, stage.dx, dscale, dshift));
    }

    static void padded(Stage stage) {
        PaddedNorm.Plan plan = PaddedNorm.of(norm(stage)).plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor scale = stage.perChannel();
        Tensor shift = stage.perChannel();
        Tensor dscale = stage.output("dscale", stage.channels());
        Tensor dshift = stage.output("dshift", stage.channels());
        Positions valid = BatchStages.lengths(stage.spec);
        PaddedNorm.Saved[] saved = new PaddedNorm.Saved[1];
        stage.passes(() -> saved[0] = plan.forward(stage.x, valid, scale, shift, stage.y),
                () -> plan.backward(stage.dy, stage.x, scale, saved[0], stage.dx, dscale, dshift));
    }

    static void scale(Stage stage) {
        ScaleNorm.Plan plan = ScaleNorm.over(length(stage)).plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor g = stage.tensors.positive(plan.parameterSpec());
        Tensor dg = stage.output("dg", plan.parameterSpec());
        Statistics saved = new Statistics(null, null, Tensor.allocate(plan.statisticsSpec().as(DataType.F64)));
        stage.passes(() -> plan.forward(stage.x, g, stage.y, saved),
                () -> plan.backward(stage.dy, stage.x, g, saved, stage.dx, dg));
    }

    static void meanVariance(Stage stage) {
        MeanVarianceNorm.Plan plan = MeanVarianceNorm.perChannel().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        TensorSpec wide = plan.statisticsSpec().as(DataType.F64);
        Statistics saved = Statistics.meanAndRstd(Tensor.allocate(wide), Tensor.allocate(wide));
        stage.passes(() -> plan.forward(stage.x, stage.y, saved),
                () -> plan.backward(stage.dy, stage.x, saved, stage.dx));
    }
}
