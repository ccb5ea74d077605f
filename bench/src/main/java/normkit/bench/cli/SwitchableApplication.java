package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.techniques.SwitchableNorm;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply switchable_norm}. */
final class SwitchableApplication extends MixingApplication {

    private final SwitchableNorm.Parameters parameters;
    private final SwitchableNorm.Plan plan;

    private SwitchableApplication(TechniqueRun in) {
        super(in);
        parameters = new SwitchableNorm.Parameters(scale(), shift(),
                parameter("--mean-logits", in.options().meanLogits, vector(3), 1),
                parameter("--variance-logits", in.options().varianceLogits, vector(3), 1));
        SwitchableNorm norm = SwitchableNorm.create().epsilon(in.epsilon(1e-5)).momentum(in.batch().momentum())
                .runningVariance(in.batch().runningVariance());
        norm = parameters.scale() == null ? norm.withoutScale() : norm;
        norm = parameters.shift() == null ? norm.withoutShift() : norm;
        plan = norm.plan(in.x().spec(), in.planOptions());
    }

    static Results run(TechniqueRun in) {
        try (SwitchableApplication application = new SwitchableApplication(in)) {
            return application.run();
        }
    }

    @Override
    Statistics newStatistics() {
        return plan.newStatistics();
    }

    @Override
    void train(Tensor y, Statistics save, RunningStatistics running) {
        plan.train(in.x(), parameters, y, save, running);
    }

    @Override
    void infer(Statistics running, Tensor y) {
        plan.infer(in.x(), parameters, running, y);
    }

    @Override
    void backward(Tensor dy, Statistics saved, Tensor dx, Results results) {
        plan.backward(dy, in.x(), parameters, saved, dx,
                new SwitchableNorm.Parameters(gradient("dscale", parameters.scale(), results),
                        gradient("dshift", parameters.shift(), results),
                        gradient("dmean_logits", parameters.meanLogits(), results),
                        gradient("dvariance_logits", parameters.varianceLogits(), results)));
    }

    @Override
    public void close() {
        plan.close();
    }
}
