package normkit.conformance;

import java.util.Arrays;
import java.util.Random;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;

/** The numbers of a case: what a backend is given, and so what the oracle starts from. All are exact in their types. */
final class Inputs {

    final double[] x;
    /** What is added to x, or null. */
    final double[] residual;
    /** What is normalized: x, the sum, or the activated x. */
    final double[] normalized;
    /** Gradient of the sum, or null. */
    final double[] dsum;
    final double[] dy;
    final double[] scale;
    final double[] shift;
    /** Per set; null where the backend computes them itself. */
    final double[] mean;
    final double[] variance;
    final double[] rstd;

    Inputs(Case c) {
        Problem problem = c.problem();
        Random random = new Random(c.seed());
        x = new double[(int) problem.x().elements()];
        c.values().fill(x, c.type(), random);
        int parameters = (int) problem.parameterSpec().elements();
        scale = c.scale() ? normal(parameters, c.type(), random) : null;
        shift = c.shift() ? normal(parameters, c.type(), random) : null;
        dy = c.pass().backward() ? normal(x.length, c.type(), random) : null;
        boolean adds = c.fusion().residual();
        residual = adds ? normal(x.length, c.type(), random) : null;
        dsum = adds && c.pass().backward() && c.place() != Place.ON_X ? normal(x.length, c.type(), random) : null;
        normalized = normalized(c);
        if (c.pass() == Pass.FORWARD) {
            mean = null;
            variance = null;
            rstd = null;
            return;
        }
        DataType type = c.saved() == Saved.SAME_TYPE ? c.type() : DataType.F64;
        Oracle.Moments moments = new Oracle(problem).moments(normalized);
        // Constant statistics are somebody else's: near those of the data, but not the same.
        double drift = c.pass() == Pass.BACKWARD ? 1 : 1.25;
        mean = c.operation().centred() ? rounded(moments.means(), type, drift) : null;
        variance = c.saved() == Saved.VARIANCE ? rounded(moments.variances(), type, drift) : null;
        rstd = c.saved() == Saved.VARIANCE ? null : rounded(moments.rstds(), type, drift);
    }

    private double[] normalized(Case c) {
        double[] values = x.clone();
        if (residual != null) {
            Arrays.setAll(values, i -> c.type().round(x[i] + residual[i]));
        } else if (c.fusion().before() != null) {
            Arrays.setAll(values, i -> c.type().round(QuadFunctions.value(c.fusion().before(), Quad.of(x[i])).value()));
        }
        return values;
    }

    private static double[] normal(int n, DataType type, Random random) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> type.round(random.nextGaussian()));
        return values;
    }

    private static double[] rounded(Quad[] exact, DataType type, double factor) {
        return Arrays.stream(exact).mapToDouble(q -> type.round(q.value() * factor)).toArray();
    }
}
