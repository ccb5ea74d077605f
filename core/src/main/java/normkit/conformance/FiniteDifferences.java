package normkit.conformance;

import java.util.function.DoubleUnaryOperator;
import normkit.spi.Pass;
import normkit.spi.Problem;

/**
 * Checks the gradients the oracle derives against the forward pass it computes: the loss L = Σdy·y is differentiated
 * numerically, (L(v + h) − L(v − h)) / 2h, in {@link Quad}s, so that only the step's own error of order h² counts.
 */
final class FiniteDifferences {

    /** Relative to the largest |dy|·|γ|·rstd, or the sum of a parameter's terms. */
    private static final double LIMIT = 1e-9;
    private static final double STEP = 1e-6;

    private final Case c;
    private final Inputs in;
    private final Problem forward;
    private final boolean constants;

    FiniteDifferences(Case c, Inputs in) {
        this.c = c;
        this.in = in;
        this.constants = c.pass() == Pass.FROZEN_BACKWARD;
        Problem p = c.problem();
        this.forward = new Problem(p.operation(), constants ? Pass.INFERENCE : Pass.FORWARD, p.x(), p.normalizedRank(),
                p.groups(), p.hasScale(), p.hasShift(), p.epsilon(), p.fusion());
    }

    /** Whether a case is small and tame enough: statistics must be those of the data, to the accuracy of a double. */
    static boolean applicable(Case c) {
        // At a kink there is no derivative, and only random numbers stay away from it; integers, activated, may lie so close
        // together that a step is large beside them.
        boolean random =
                c.fusion().before() != null || c.fusion().after() != null && QuadFunctions.kinked(c.fusion().after());
        boolean tame =
                c.values() == Values.NORMAL || !random && (c.values() == Values.INTEGERS || c.values() == Values.RAMP);
        long elements = c.problem().x().elements();
        return tame && c.pass().backward() && elements > 0 && elements <= 700 && c.problem().setSize() > 2
                && c.epsilon() > 0 && c.type() == normkit.tensor.DataType.F64;
    }

    /** Checks a sample of the gradients. */
    void check(Oracle.Backward gradients, Judge judge) {
        int stride = Math.max(1, in.x.length / 7);
        for (int i = 0; i < in.x.length; i += stride) {
            compare("dx", i, in.normalized, gradients.normalized()[i].value(), gradients.dxMagnitude()[i], judge);
        }
        if (in.scale != null) {
            compare("dscale", 0, in.scale, gradients.dscale()[0].value(), gradients.dscaleMagnitude()[0], judge);
        }
        if (in.shift != null) {
            compare("dshift", 0, in.shift, gradients.dshift()[0].value(), gradients.dshiftMagnitude()[0], judge);
        }
    }

    private void compare(String name, int i, double[] variable, double gradient, double magnitude, Judge judge) {
        double value = variable[i];
        DoubleUnaryOperator loss = v -> {
            variable[i] = v;
            return lossDifference();
        };
        double up = value + STEP;
        double down = value - STEP;
        baseline = null;
        loss.applyAsDouble(down);
        double difference = loss.applyAsDouble(up) / (up - down);
        variable[i] = value;
        if (!(Math.abs(difference - gradient) <= LIMIT * (1 + magnitude))) {
            judge.fail("finite differences",
                    name + " " + i + " of the oracle is " + gradient + "; numerically it is " + difference);
        }
    }

    private Quad baseline;

    /** The loss now less the loss at the first call, subtracted before it is rounded. */
    private double lossDifference() {
        Oracle.Forward result = new Oracle(forward).forward(in);
        Quad loss = Quad.ZERO;
        for (int k = 0; k < in.dy.length; k++) {
            loss = loss.plus(result.y()[k].times(in.dy[k]));
        }
        if (baseline == null) {
            baseline = loss;
            return 0;
        }
        return loss.minus(baseline).value();
    }
}
