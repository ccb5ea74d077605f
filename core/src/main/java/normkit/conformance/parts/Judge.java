package normkit.conformance.parts;

import java.util.ArrayList;
import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Compares what came out with what must come out, and keeps the worst error and the first mistake per output. */
public final class Judge {

    private final List<Mistake> mistakes = new ArrayList<>();
    private double worst;

    /** Knows of nothing yet. */
    public Judge() {
    }

    /**
     * Something that is wrong.
     *
     * @param output a tensor's name, or a check's
     * @param message what it was and what it must be
     */
    public record Mistake(String output, String message) {}

    /**
     * Returns what has been found.
     *
     * @return the mistakes, in order
     */
    public List<Mistake> mistakes() {
        return mistakes;
    }

    /**
     * Returns the largest error that was within its limit.
     *
     * @return in ulps
     */
    public double worst() {
        return worst;
    }

    /**
     * Notes a mistake.
     *
     * @param output a tensor's name, or a check's
     * @param message what it was and what it must be
     */
    public void fail(String output, String message) {
        mistakes.add(new Mistake(output, message));
    }

    /**
     * Compares a tensor.
     *
     * @param output its name
     * @param got the tensor
     * @param type the type whose ulps are counted, which may be narrower than the tensor's
     * @param exact what must come out
     * @param magnitude what ulps are of, per element
     * @param limits most ulps per element
     */
    public void compare(String output, Tensor got, DataType type, Quad[] exact, double[] magnitude, double[] limits) {
        for (int i = 0; i < exact.length; i++) {
            double value = got.get(i);
            double error = error(value, exact[i], magnitude[i], got.spec().type(), type);
            if (!(error <= limits[i])) {
                fail(output, "element " + i + " is " + value + "; it must be " + exact[i].value() + ", " + error
                        + " ulp away, at most " + limits[i] + " are allowed");
                return;
            }
            worst = Math.max(worst, error);
        }
    }

    private static double error(double got, Quad exact, double magnitude, DataType stored, DataType type) {
        double value = exact.value();
        if (Double.isNaN(value)) {
            return Double.isNaN(got) ? 0 : Double.POSITIVE_INFINITY;
        }
        if (Double.isInfinite(value)) {
            return got == value ? 0 : Double.POSITIVE_INFINITY;
        }
        double ulp = ulp(Math.max(magnitude, Math.abs(value)), type);
        if (Double.isInfinite(got) && Math.abs(value) > largest(stored) - 4 * ulp && got > 0 == value > 0) {
            return 0;
        }
        // The difference of two numbers near the end of the range may overflow: halve first.
        return ulp > 1 ? exact.scaled(-1).distance(got / 2) / (ulp / 2) : exact.distance(got) / ulp;
    }

    private static double largest(DataType type) {
        return type == DataType.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
    }

    /**
     * Returns the distance of neighbouring numbers at a magnitude, as if the type had no largest exponent.
     *
     * @param magnitude an absolute value
     * @param type the type
     * @return its ulp
     */
    public static double ulp(double magnitude, DataType type) {
        if (type == DataType.F64) {
            return Math.ulp(Math.min(magnitude, Double.MAX_VALUE));
        }
        return Math.scalb(1.0, Math.max(Math.getExponent(magnitude), Float.MIN_EXPONENT) - 23);
    }
}
