package normkit.simd;

import normkit.LayerNorm;
import normkit.tensor.TensorSpec;

/** Run from the module path, without JUnit. */
public final class ModulePathMain {

    private ModulePathMain() {
    }

    /** Prints which backend a plan gets. */
    public static void main(String[] args) {
        try (LayerNorm.Plan plan = LayerNorm.over(8).plan(TensorSpec.rows(2, 8))) {
            System.out.println("chosen " + plan.decisions().getFirst().chosen().name());
        }
    }
}
