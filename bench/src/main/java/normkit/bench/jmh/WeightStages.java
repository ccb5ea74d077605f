package normkit.bench.jmh;

import normkit.techniques.BatchNormFolding;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import normkit.weights.SpectralNorm;
import normkit.weights.SpectralVectors;
import normkit.weights.WeightNorm;
import normkit.weights.WeightStandardization;

/** Sets up what is done to a convolution's weights, x being these. */
final class WeightStages {

    private static final double EPSILON = 1e-5;

    private WeightStages() {
    }

    private static TensorSpec filters(Stage stage) {
        return TensorSpec.rows(stage.spec.axis(0));
    }

    static void standardization(Stage stage) {
        WeightStandardization.Plan plan = WeightStandardization.of(WeightStandardization.Convention.DEVIATION)
                .withGain().plan(stage.spec, stage.options);
        stage.closing(plan::close);
        Tensor gain = stage.tensors.filled(filters(stage));
        Tensor dgain = stage.output("dgain", filters(stage));
        Statistics saved = plan.allocateStatistics();
        stage.passes(() -> plan.forward(stage.x, gain, stage.y, saved),
                () -> plan.backward(stage.dy, stage.x, gain, saved, stage.dx, dgain));
    }

    static void folding(Stage stage) {
        Tensor scale = stage.tensors.filled(filters(stage));
        Tensor shift = stage.tensors.filled(filters(stage));
        Tensor mean = stage.tensors.filled(filters(stage));
        Tensor variance = stage.tensors.positive(filters(stage));
        Tensor bias = stage.output("bias", filters(stage));
        BatchNormFolding folding =
                BatchNormFolding.of(EPSILON, Statistics.meanAndVariance(mean, variance), scale, shift);
        stage.passes(() -> folding.fold(stage.x, 0, null, stage.y, bias), null);
        stage.expect("y", () -> Formulas.scaled(stage.x, scale, variance, EPSILON));
        stage.expect("bias", () -> Formulas.folded(mean, scale, shift, variance, EPSILON));
    }

    static void norm(Stage stage) {
        WeightNorm.Plan plan = WeightNorm.create().plan(stage.spec);
        stage.closing(plan::close);
        Tensor g = stage.tensors.filled(plan.parameterSpec());
        Tensor dg = stage.output("dg", plan.parameterSpec());
        stage.passes(() -> plan.forward(stage.x, g, stage.y), () -> plan.backward(stage.dy, stage.x, g, stage.dx, dg));
        Formulas.Lengths lengths = new Formulas.Lengths(stage.x, g, 2);
        stage.expect("y", lengths::forward);
        stage.expect("dx", () -> lengths.backward(stage.dy));
        stage.expect("dg", () -> lengths.parameter(stage.dy));
    }

    static void spectral(Stage stage) {
        SpectralNorm.Plan plan = SpectralNorm.create().plan(stage.spec);
        stage.closing(plan::close);
        SpectralVectors vectors = plan.initialize(stage.x, 1);
        stage.passes(() -> plan.train(stage.x, vectors, stage.y),
                () -> plan.backward(stage.dy, stage.x, vectors, stage.dx));
        stage.expect("y", () -> Formulas.spectral(stage.x, vectors.u(), vectors.v()));
        stage.expect("dx", () -> Formulas.spectralGradient(stage.dy, stage.x, vectors.u(), vectors.v()));
    }
}
