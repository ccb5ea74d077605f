package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.conformance.parts.Term;

/** Batch norm with given statistics: y = γ·(x − mean)/√(variance + ε) + β. */
final class Inference {

    private Inference() {
    }

    /** Of the inputs x, given mean, given variance, scale and shift. */
    static Term[] of(Formula f, Grid grid, double epsilon) {
        Term[] x = f.in("x");
        Term[] y = new Term[x.length];
        Arrays.setAll(y, i -> {
            int c = grid.channel(i);
            return f.normalized(x[i], f.in("given mean")[c], f.in("given variance")[c], epsilon).times(f.in("scale")[c])
                    .plus(f.in("shift")[c]);
        });
        return y;
    }
}
