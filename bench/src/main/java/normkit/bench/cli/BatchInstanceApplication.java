package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.techniques.BatchInstanceNorm;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply batch_instance_norm}. */
final class BatchInstanceApplication extends MixingApplication {

    private final BatchInstanceNorm.Parameters parameters;
    private final BatchInstanceNorm.Plan plan;

    private BatchInstanceApplication(TechniqueRun in) {
        super(in);
        parameters = new BatchInstanceNorm.Parameters(scale(), shift(),
                parameter("--gate", in.options().gate, channels(), 1));
        BatchInstanceNorm norm = BatchInstanceNorm.create().epsilon(in.epsilon(1e-5)).momentum(in.batch().momentum())
                .runningVariance(in.batch().runningVariance());
        norm = parameters.scale() == null ? norm.withoutScale() : norm;
        norm = parameters.shift() == null ? norm.withoutShift() : norm;
        plan = norm.plan(in.x().spec(), in.planOptions());
    }

    static Results run(TechniqueRun in) {
        try (BatchInstanceApplication application = new BatchInstanceApplication(in)) {
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
                new BatchInstanceNorm.Parameters(gradient("dscale", parameters.scale(), results),
                        gradient("dshift", parameters.shift(), results),
                        gradient("dgate", parameters.gate(), results)));
    }

    @Override
    public void close() {
        plan.close();
    }
}
