package normkit.conformance.catalogue;

import java.util.HashMap;
import java.util.Map;
import normkit.conformance.Values;
import normkit.conformance.parts.Judge;
import normkit.conformance.parts.Quad;
import normkit.conformance.parts.Term;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * Compares a technique's gradients with central differences of its formula, (L(v + h) − L(v − h)) / 2h, of the loss L = Σdy·y.
 * They are formed in {@link Quad}s, so that only the step's own error, of order h², counts.
 */
final class Differences {

    /** Relative to the gradient. */
    private static final double LIMIT = 1e-6;
    /** Relative to the sum of the magnitudes of its terms: what they may cancel to. */
    private static final double ROUNDING = 1e-13;
    private static final double STEP = 0x1p-24;
    private static final int SAMPLES = 5;
    private static final int LARGEST = 500;

    private Differences() {
    }

    /** Whether the case is small, and smooth within a step. */
    static boolean applicable(TechniqueCase c) {
        return c.type() == DataType.F64 && c.values() == Values.NORMAL && c.spec().elements() <= LARGEST;
    }

    /** Checks a sample of every gradient. */
    static void check(Desk desk, Exercise exercise, Formula formula, Judge judge) {
        for (String name : desk.outputNames()) {
            double[] variable = formula.exact(name) == null ? desk.values().get(name.substring(1)) : null;
            for (int i = 0; variable != null && i < variable.length; i += 1 + variable.length / SAMPLES) {
                compare(desk, exercise, formula, name, i, judge);
            }
        }
    }

    private static void compare(Desk desk, Exercise exercise, Formula formula, String name, int i, Judge judge) {
        String input = name.substring(1);
        Tensor got = desk.output(name);
        double value = desk.values().get(input)[i];
        double up = value + STEP;
        double down = value - STEP;
        Quad change = loss(desk, exercise, formula, input, i, up).minus(loss(desk, exercise, formula, input, i, down));
        double difference = change.over(up - down).value();
        Term exact = formula.in(input)[i];
        double limit = LIMIT * Math.abs(difference) + ROUNDING * exact.gradientSize();
        if (!(Math.abs(got.get(i) - difference) <= limit)) {
            judge.fail("finite differences",
                    name + " " + i + " is " + got.get(i) + "; numerically it is " + difference + ", within " + limit);
        }
    }

    private static Quad loss(Desk desk, Exercise exercise, Formula formula, String input, int i, double value) {
        Map<String, double[]> moved = new HashMap<>(desk.values());
        double[] numbers = moved.get(input).clone();
        numbers[i] = value;
        moved.put(input, numbers);
        Formula other = formula.with(moved);
        exercise.formula(other);
        return other.loss().value();
    }
}
