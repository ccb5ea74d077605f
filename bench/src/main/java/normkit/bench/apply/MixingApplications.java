package normkit.bench.apply;

import java.util.Map;
import normkit.techniques.BatchInstanceNorm;
import normkit.techniques.BatchLayerNorm;
import normkit.techniques.SwitchableNorm;
import normkit.tensor.Tensor;

/** {@code apply} of techniques that mix the batch's statistics with others. */
final class MixingApplications {

    private MixingApplications() {
    }

    static Results batchInstance(Run run) {
        Map<String, Tensor> parameters = MixingRun.affine(run);
        parameters.put("gate", run.operands.parameter("--gate", run.own.gate, run.channels(), 1));
        BatchInstanceNorm norm = run.epsilon(BatchInstanceNorm.create(), BatchInstanceNorm::epsilon);
        norm = Run.with(norm, run.batch.momentum(), BatchInstanceNorm::momentum);
        norm = Run.with(norm, run.batch.runningVariance(), BatchInstanceNorm::runningVariance);
        norm = parameters.get("scale") == null ? norm.withoutScale() : norm;
        norm = parameters.get("shift") == null ? norm.withoutShift() : norm;
        try (BatchInstanceNorm.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            return new MixingRun<BatchInstanceNorm.Parameters>(plan::newStatistics, plan::train, plan::infer,
                    plan::backward)
                    .run(run, parameters, named -> new BatchInstanceNorm.Parameters(named.get("scale"),
                            named.get("shift"), named.get("gate")));
        }
    }

    static Results switchable(Run run) {
        Map<String, Tensor> parameters = MixingRun.affine(run);
        parameters.put("mean_logits", run.operands.parameter("--mean-logits", run.own.meanLogits, run.vector(3), 1));
        parameters.put("variance_logits",
                run.operands.parameter("--variance-logits", run.own.varianceLogits, run.vector(3), 1));
        SwitchableNorm norm = run.epsilon(SwitchableNorm.create(), SwitchableNorm::epsilon);
        norm = Run.with(norm, run.batch.momentum(), SwitchableNorm::momentum);
        norm = Run.with(norm, run.batch.runningVariance(), SwitchableNorm::runningVariance);
        norm = parameters.get("scale") == null ? norm.withoutScale() : norm;
        norm = parameters.get("shift") == null ? norm.withoutShift() : norm;
        try (SwitchableNorm.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            return new MixingRun<SwitchableNorm.Parameters>(plan::newStatistics, plan::train, plan::infer,
                    plan::backward)
                    .run(run, parameters, named -> new SwitchableNorm.Parameters(named.get("scale"), named.get("shift"),
                            named.get("mean_logits"), named.get("variance_logits")));
        }
    }

    static Results batchLayer(Run run) {
        Map<String, Tensor> parameters = MixingRun.affine(run);
        BatchLayerNorm norm = run.epsilon(BatchLayerNorm.create(), BatchLayerNorm::epsilon);
        norm = Run.with(norm, run.batch.momentum(), BatchLayerNorm::momentum);
        norm = Run.with(norm, run.batch.runningVariance(), BatchLayerNorm::runningVariance);
        norm = Run.with(norm, run.own.batchSize, BatchLayerNorm::batchSize);
        norm = parameters.get("scale") == null ? norm.withoutScale() : norm;
        norm = parameters.get("shift") == null ? norm.withoutShift() : norm;
        try (BatchLayerNorm.Plan plan = norm.plan(run.x.spec(), run.planOptions())) {
            return new MixingRun<BatchLayerNorm.Parameters>(plan::newStatistics, plan::train, plan::infer,
                    plan::backward).run(run, parameters,
                            named -> new BatchLayerNorm.Parameters(named.get("scale"), named.get("shift")));
        }
    }
}
