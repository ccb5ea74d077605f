package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import normkit.BatchNorm;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** The backend as a user meets it, forced by name. */
class PlanTest {

    private static final PlanOptions FORCED = PlanOptions.DEFAULT.backend("onednn");
    private static final TensorSpec X = TensorSpec.channelsLast(6, 5, 3);

    private final Random random = new Random(3);
    private final Tensor x = Tensors.HEAP.random(X, null, random, 2, 3);
    private final Tensor dy = Tensors.HEAP.random(X, null, random, 0, 1);

    @Test
    void explainsItself() {
        try (BatchNorm.Plan plan = BatchNorm.create().plan(X, FORCED)) {
            assertTrue(plan.explain().contains("runs on onednn (nspc_bnorm:any)"), plan.explain());
        }
    }

    @Test
    void trainingInferenceAndBothGradientsAgreeWithThePortableBackend() {
        Tensor[] expected = train("scalar");
        Tensor[] actual = train("onednn");
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].spec().elements(); i++) {
                assertEquals(expected[t].get(i), actual[t].get(i), 2e-5, "result " + t + " element " + i);
            }
        }
    }

    /** Returns y, running mean, running variance, y of inference, dx, dscale, frozen dx. */
    private Tensor[] train(String backend) {
        Random parameters = new Random(4);
        try (BatchNorm.Plan plan = BatchNorm.create().plan(X, PlanOptions.DEFAULT.backend(backend))) {
            TensorSpec channel = plan.parameterSpec();
            Tensor scale = Tensors.HEAP.random(channel, null, parameters, 1, 0.2);
            Tensor shift = Tensors.HEAP.random(channel, null, parameters, 0, 1);
            RunningStatistics running = RunningStatistics.allocate(DataType.F64, X.channels());
            Statistics saved = Statistics.allocate(plan.statisticsSpec());
            Tensor y = Tensor.allocate(X);
            Tensor inferred = Tensor.allocate(X);
            Tensor dx = Tensor.allocate(X);
            Tensor frozen = Tensor.allocate(X);
            Tensor dscale = Tensor.allocate(channel);
            plan.train(x, scale, shift, y, saved, running);
            plan.infer(x, scale, shift, running.statistics(), inferred);
            plan.backward(dy, x, scale, saved, dx, dscale, null);
            plan.backwardFrozen(dy, x, scale, running.statistics(), frozen, null, null);
            Statistics collected = running.statistics();
            return new Tensor[] {y, collected.mean(), collected.variance(), inferred, dx, dscale, frozen};
        }
    }

    @Test
    void rmsNormIsForcedForwardOnly() {
        TensorSpec rows = TensorSpec.rows(2, 8);
        Exception e = assertThrows(IllegalStateException.class, () -> RmsNorm.over(8).plan(rows, FORCED));
        assertTrue(e.getMessage().contains("wrong gradient of RMS norm"), e.getMessage());
        RmsNorm.over(8).plan(rows, FORCED.forwardOnly()).close();
    }
}
