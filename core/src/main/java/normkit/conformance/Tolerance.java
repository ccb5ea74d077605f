package normkit.conformance;

import java.util.Map;
import java.util.TreeMap;
import normkit.tensor.DataType;

/**
 * How large errors may be, in ulps of the element type at the magnitude of the terms a result is made of.
 *
 * <ul>
 * <li>y: the largest of |γ|, |γx̂|, |β| and |y|;
 * <li>dx: rstd·(|g| + mean|g| + (1 + |x̂|)·mean|g|(1 + |x̂|)), frozen rstd·|g|;
 * <li>dγ: Σ|dy|(1 + |x̂|); dβ: Σ|dy|;
 * <li>saved statistics: the mean's |mean| (in the type it is saved in) and σ, the variance's variance + ε, rstd's rstd.
 * </ul>
 *
 * @param y limit for y
 * @param wideY limit for y in f64, whose statistics cannot be formed in a wider type
 * @param dx limit for dx
 * @param parameters limit for dγ and dβ
 * @param statistics limit for saved statistics
 * @param perOffset how much all limits grow with |mean|·rstd, 0 for none: limit · (1 + perOffset·|mean|·rstd)
 * @param left families that are not tried, with the reason, which the report counts as declined
 */
public record Tolerance(double y, double wideY, double dx, double parameters, double statistics, double perOffset,
        Map<Values, String> left) {

    /** Copies the map. */
    public Tolerance {
        left = Map.copyOf(left);
    }

    /**
     * The limits of the definition in docs/numerics.md: y within 3 ulp (f64: 6) at every offset.
     *
     * @return strict limits
     */
    public static Tolerance strict() {
        return new Tolerance(3, 6, 4, 3, 8, 0, Map.of());
    }

    /**
     * Limits for a backend of other arithmetic.
     *
     * @param ulps limit for everything
     * @param perOffset growth with |mean|·rstd
     * @return wide limits
     */
    public static Tolerance of(double ulps, double perOffset) {
        return new Tolerance(ulps, ulps, ulps, ulps, ulps, perOffset, Map.of());
    }

    /**
     * Returns the limit for y.
     *
     * @param type element type
     * @return {@link #y()}, in f64 {@link #wideY}
     */
    public double y(DataType type) {
        return type == DataType.F64 ? wideY : y;
    }

    /**
     * Leaves out a family of values.
     *
     * @param values the family
     * @param reason why the backend cannot be held to it
     * @return changed limits
     */
    public Tolerance leaving(Values values, String reason) {
        Map<Values, String> more = new TreeMap<>(left);
        more.put(values, reason);
        return new Tolerance(y, wideY, dx, parameters, statistics, perOffset, more);
    }
}
