package normkit.bench.apply;

import normkit.bench.options.Mode;
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

    /** y = g·x/‖x‖, g being the scale; without one, the norms, so that y is x. */
    static Results norm(Run run) {
        try (WeightNorm.Plan plan = Run.with(WeightNorm.create(), run.own.dim, WeightNorm::dim).plan(run.x.spec())) {
            Tensor g = run.scale(plan.parameterSpec());
            if (g == null) {
                g = run.operands.like(plan.parameterSpec());
                plan.norms(run.x, g);
            }
            Tensor result = run.likeX();
            if (run.backward()) {
                Tensor dscale = run.gradient(g);
                plan.backward(run.dy(), run.x, g, result, dscale);
                return new Results().with("dx", result).with("dscale", dscale);
            }
            plan.forward(run.x, g, result);
            return new Results().with("y", result).with("scale", g);
        }
    }

    static Results standardization(Run run) {
        WeightStandardization norm = WeightStandardization
                .of(run.own.convention == null ? WeightStandardization.Convention.DEVIATION : run.own.convention);
        norm = Run.with(norm, run.own.dim, WeightStandardization::dim);
        norm = run.epsilon(norm, WeightStandardization::epsilon);
        norm = run.files.scale == null ? norm : norm.withGain();
        try (WeightStandardization.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            Tensor gain = run.scale(plan.parameterSpec());
            Statistics saved = plan.allocateStatistics();
            Tensor result = run.likeX();
            plan.forward(run.x, gain, result, saved);
            if (!run.backward()) {
                return new Results().with("y", result).with(saved);
            }
            Tensor dscale = run.gradient(gain);
            plan.backward(run.dy(), run.x, gain, saved, result, dscale);
            return new Results().with("dx", result).with("dscale", dscale);
        }
    }

    /** Training makes one step from initialized vectors; inference and the gradient take these as they are. */
    static Results spectral(Run run) {
        SpectralNorm norm = Run.with(SpectralNorm.create(), run.own.dim, SpectralNorm::dim);
        norm = run.epsilon(norm, SpectralNorm::epsilon);
        norm = Run.with(norm, run.own.iterations, (one, count) -> one.iterations(count).warmUp(count));
        try (SpectralNorm.Plan plan = norm.plan(run.x.spec())) {
            SpectralVectors vectors = plan.initialize(run.x, run.own.seed == null ? 0 : run.own.seed);
            Tensor result = run.likeX();
            if (run.backward()) {
                plan.backward(run.dy(), run.x, vectors, result);
                return new Results().with("dx", result);
            }
            if (run.problem.mode() == Mode.TRAIN) {
                plan.train(run.x, vectors, result);
            } else {
                plan.infer(run.x, vectors, result);
            }
            Tensor sigma = run.operands.like(TensorSpec.of(DataType.F64, Layout.ROWS, 1));
            sigma.set(0, plan.sigma(run.x, vectors));
            return new Results().with("y", result).with("sigma", sigma);
        }
    }
}
