package normkit.bench.cli;

import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import normkit.weights.SpectralNorm;
import normkit.weights.SpectralVectors;
import normkit.weights.WeightNorm;
import normkit.weights.WeightStandardization;

/** {@code apply} of what is done to weights. */
final class WeightApplications {

    private WeightApplications() {
    }

    private static int dim(TechniqueRun run) {
        return run.options().dim == null ? 0 : run.options().dim;
    }

    /** y = g·x/‖x‖, g being the scale; without one, the norms, so that y is x. */
    static Results norm(TechniqueRun run) {
        try (WeightNorm.Plan plan = WeightNorm.create().dim(dim(run)).plan(run.x().spec())) {
            Tensor g = run.scaled() ? run.scale(plan.parameterSpec()) : run.like(plan.parameterSpec());
            if (!run.scaled()) {
                plan.norms(run.x(), g);
            }
            if (run.backward()) {
                Tensor dx = run.likeX();
                Tensor dscale = run.like(plan.parameterSpec());
                plan.backward(run.dy(), run.x(), g, dx, dscale);
                return new Results().with("dx", dx).with("dscale", dscale);
            }
            Tensor y = run.likeX();
            plan.forward(run.x(), g, y);
            return new Results().with("y", y).with("scale", g);
        }
    }

    static Results standardization(TechniqueRun run) {
        WeightStandardization.Convention convention = run.options().convention == null
                ? WeightStandardization.Convention.DEVIATION
                : run.options().convention;
        WeightStandardization description =
                WeightStandardization.of(convention).dim(dim(run)).epsilon(run.epsilon(convention.epsilon()));
        try (WeightStandardization.Plan plan =
                (run.scaled() ? description.withGain() : description).plan(run.x().spec(), run.planOptions())) {
            Tensor gain = run.scaled() ? run.scale(plan.parameterSpec()) : null;
            Statistics saved = plan.allocateStatistics();
            Tensor y = run.likeX();
            plan.forward(run.x(), gain, y, saved);
            if (!run.backward()) {
                return new Results().with("y", y).with("mean", saved.mean()).with("var", saved.variance());
            }
            Tensor dscale = run.scaled() ? run.like(plan.parameterSpec()) : null;
            plan.backward(run.dy(), run.x(), gain, saved, y, dscale);
            return new Results().with("dx", y).with("dscale", dscale);
        }
    }

    /** Training makes one step from initialized vectors; inference and the gradient take these as they are. */
    static Results spectral(TechniqueRun run) {
        SpectralNorm description = SpectralNorm.create().dim(dim(run)).epsilon(run.epsilon(1e-12));
        Integer iterations = run.options().iterations;
        if (iterations != null) {
            description = description.iterations(iterations).warmUp(iterations);
        }
        try (SpectralNorm.Plan plan = description.plan(run.x().spec())) {
            SpectralVectors vectors = plan.initialize(run.x(), run.options().seed == null ? 0 : run.options().seed);
            Tensor result = run.likeX();
            if (run.backward()) {
                plan.backward(run.dy(), run.x(), vectors, result);
                return new Results().with("dx", result);
            }
            if (run.training()) {
                plan.train(run.x(), vectors, result);
            } else {
                plan.infer(run.x(), vectors, result);
            }
            Tensor sigma = run.like(TensorSpec.of(DataType.F64, Layout.ROWS, 1));
            sigma.set(0, plan.sigma(run.x(), vectors));
            return new Results().with("y", result).with("sigma", sigma);
        }
    }
}
