package normkit.onednn;

import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.dispatch.Backends;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A user's program: prints what became of the backend, then normalizes with whatever there is. */
final class Report {

    private Report() {
    }

    /**
     * Prints.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        System.out.println(Backends.named("onednn").availability());
        TensorSpec x = TensorSpec.rows(2, 2);
        System.out.println("asked anyway: " + new OneDnnBackend()
                .supports(new Problem(Operation.LAYER_NORM, Pass.FORWARD, x, 1, 0, false, false, 1e-5)));
        // Left to itself, the planner would run something this small on the portable backend.
        PlanOptions options =
                Backends.named("onednn").available() ? PlanOptions.DEFAULT.backend("onednn") : PlanOptions.DEFAULT;
        try (LayerNorm.Plan plan = LayerNorm.over(2).withoutScale().withoutShift().plan(x, options)) {
            Tensor y = Tensor.allocate(x);
            plan.forward(Tensor.of(x, new float[] {-1, 1, 10, 30}), null, null, y);
            System.out.println("runs on " + plan.decisions().get(0).chosen().name() + ": " + Math.round(y.get(0)) + " "
                    + Math.round(y.get(3)));
        }
    }
}
