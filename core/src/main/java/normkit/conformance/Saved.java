package normkit.conformance;

import java.util.Locale;

/** Which statistics a forward pass saves, or another pass is given. */
public enum Saved {
    /** None (forward only). */
    NONE,
    /** Mean and rstd in x's type. */
    SAME_TYPE,
    /** Mean and rstd in f64. */
    F64,
    /** Mean and variance in f64. */
    VARIANCE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Saved of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
