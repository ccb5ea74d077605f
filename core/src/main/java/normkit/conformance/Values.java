package normkit.conformance;

import java.util.Locale;
import java.util.Random;
import normkit.tensor.DataType;

/** A family of input values. Where a magnitude is named, f64 has one as close to the end of its own range. */
public enum Values {
    /** Standard normal. */
    NORMAL,
    /** Normal with σ = 1 around 100. */
    OFFSET_1E2,
    /** Normal with σ = 1 around 10,000. */
    OFFSET_1E4,
    /** Normal with σ = 1 around 1,000,000. */
    OFFSET_1E6,
    /** All equal, not zero. */
    CONSTANT,
    /** All zero. */
    ZERO,
    /** Small integers, whose sums are exact in the type. */
    INTEGERS,
    /** 0, 1, 2, … */
    RAMP,
    /** Normal, one value in a hundred a thousand times as large. */
    OUTLIERS,
    /** Of either sign, magnitudes from 1e-8 to 1e8. */
    MIXED,
    /** Normal times 1e-30. */
    TINY,
    /** Subnormal numbers. */
    SUBNORMAL,
    /** Normal times 1e30 (f64: 1e100). */
    HUGE,
    /** Normal times 3e37, next to the largest number (f64: 1e150, whose variance is next to it). */
    LARGEST,
    /** Normal with one NaN. */
    ONE_NAN,
    /** Normal with one infinity. */
    ONE_INFINITY,
    /** Normal with one negative infinity. */
    ONE_NEGATIVE_INFINITY;

    /**
     * Returns the name used in cases.
     *
     * @return for example {@code offset_1e4}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Fills an array with values of the type.
     *
     * @param values receives the values
     * @param type what they are rounded to
     * @param random where they come from
     */
    public void fill(double[] values, DataType type, Random random) {
        boolean f32 = type == DataType.F32;
        double constant = 1 + random.nextDouble();
        for (int i = 0; i < values.length; i++) {
            double normal = Math.clamp(random.nextGaussian(), -6, 6);
            values[i] = type.round(switch (this) {
                case NORMAL, ONE_NAN, ONE_INFINITY, ONE_NEGATIVE_INFINITY -> normal;
                case OFFSET_1E2 -> 1e2 + normal;
                case OFFSET_1E4 -> 1e4 + normal;
                case OFFSET_1E6 -> 1e6 + normal;
                case CONSTANT -> constant;
                case ZERO -> 0;
                case INTEGERS -> random.nextInt(-4, 5);
                case RAMP -> i;
                case OUTLIERS -> random.nextInt(100) == 0 ? 1e3 * normal : normal;
                case MIXED -> normal * Math.pow(10, random.nextInt(-8, 9));
                case TINY -> normal * 1e-30;
                case SUBNORMAL -> normal * (f32 ? 1e-41 : 1e-311);
                case HUGE -> normal * (f32 ? 1e30 : 1e100);
                case LARGEST -> normal * (f32 ? 3e37 : 1e150);
            });
        }
        if (values.length > 0) {
            poison(values, random.nextInt(values.length));
        }
    }

    private void poison(double[] values, int at) {
        switch (this) {
            case ONE_NAN -> values[at] = Double.NaN;
            case ONE_INFINITY -> values[at] = Double.POSITIVE_INFINITY;
            case ONE_NEGATIVE_INFINITY -> values[at] = Double.NEGATIVE_INFINITY;
            default -> {
                // Ordinary values.
            }
        }
    }

    /**
     * Finds a family by its name.
     *
     * @param label what {@link #label} returned
     * @return the family
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Values of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
