package normkit.dispatch;

import normkit.BatchNorm;
import normkit.LayerNorm;
import normkit.Plan;
import normkit.PlanOptions;
import normkit.tensor.TensorSpec;

/** Run in a process of its own: plans layer norm or batch norm and prints the explanation, or the exception. */
public final class DispatchProbe {

    private DispatchProbe() {
    }

    /**
     * Prints a plan's explanation.
     *
     * @param args {@code layer} or {@code batch}, then the backend to force, if any
     */
    public static void main(String[] args) {
        PlanOptions options = args.length > 1 ? PlanOptions.DEFAULT.backend(args[1]) : PlanOptions.DEFAULT;
        // Both resources are the same plan, which is closed twice; the backend must not notice.
        try (Plan plan = args[0].equals("layer")
                ? LayerNorm.over(4).plan(TensorSpec.rows(2, 4), options)
                : BatchNorm.create().plan(TensorSpec.channelsFirst(2, 3), options); Plan again = plan) {
            System.out.println(again.explain());
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.out.println(e);
        }
        Backends.failures().forEach(System.out::println);
    }
}
