package normkit.conformance;

import java.util.ArrayList;
import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Compares what came out with what must come out, and keeps the worst error and the first mistake per output. */
final class Judge {

    private final List<Report.Failure> failures = new ArrayList<>();
    private final String caseName;
    private double worst;

    Judge(Case c) {
        this.caseName = c.name();
    }

    List<Report.Failure> failures() {
        return failures;
    }

    double worst() {
        return worst;
    }

    void fail(String output, String message) {
        failures.add(new Report.Failure(caseName, output, message));
    }

    /**
     * Compares a tensor.
     *
     * @param type the type whose ulps are counted, which may be narrower than the tensor's
     * @param limits most ulps per element
     */
    void compare(String output, Tensor got, DataType type, Quad[] exact, double[] magnitude, double[] limits) {
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

    /** The distance of neighbouring numbers at a magnitude, as if the type had no largest exponent. */
    static double ulp(double magnitude, DataType type) {
        if (type == DataType.F64) {
            return Math.ulp(Math.min(magnitude, Double.MAX_VALUE));
        }
        return Math.scalb(1.0, Math.max(Math.getExponent(magnitude), Float.MIN_EXPONENT) - 23);
    }
}
