package normkit.onednn;

import normkit.LayerNorm;
import normkit.tensor.TensorSpec;
import org.bytedeco.javacpp.Loader;

/** A program whose problem is too small for oneDNN: prints when its library is loaded. */
final class LazyPlans {

    private LazyPlans() {
    }

    /**
     * Prints.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        try (LayerNorm.Plan plan = LayerNorm.over(16).plan(TensorSpec.rows(1, 16))) {
            System.out.println("planned: " + plan.decisions().getFirst().chosen().name() + " " + loaded());
            System.out.println(plan.explain());
            System.out.println("explained: " + loaded());
        }
    }

    private static String loaded() {
        return Loader.getLoadedLibraries().isEmpty() ? "unloaded" : "loaded";
    }
}
