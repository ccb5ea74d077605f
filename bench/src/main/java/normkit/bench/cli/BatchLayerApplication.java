package normkit.bench.cli;

import normkit.RunningStatistics;
import normkit.techniques.BatchLayerNorm;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply batch_layer_norm}. */
final class BatchLayerApplication extends MixingApplication {

    private final BatchLayerNorm.Parameters parameters;
    private final BatchLayerNorm.Plan plan;

    private BatchLayerApplication(TechniqueRun in) {
        super(in);
        parameters = new BatchLayerNorm.Parameters(scale(), shift());
        BatchLayerNorm norm = BatchLayerNorm.create().epsilon(in.epsilon(1e-3)).momentum(in.batch().momentum())
                .runningVariance(in.batch().runningVariance());
        norm = parameters.scale() == null ? norm.withoutScale() : norm;
        norm = parameters.shift() == null ? norm.withoutShift() : norm;
        norm = in.options().batchSize == null ? norm : norm.batchSize(in.options().batchSize);
        plan = norm.plan(in.x().spec(), in.planOptions());
    }

    static Results run(TechniqueRun in) {
        try (BatchLayerApplication application = new BatchLayerApplication(in)) {
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
        plan.backward(dy, in.x(), parameters, saved, dx, new BatchLayerNorm.Parameters(
                gradient("dscale", parameters.scale(), results), gradient("dshift", parameters.shift(), results)));
    }

    @Override
    public void close() {
        plan.close();
    }
}
