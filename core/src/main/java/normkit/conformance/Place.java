package normkit.conformance;

import java.util.Locale;

/** Whether the output (y or dx) takes the place of an input. */
public enum Place {
    /** It has memory of its own. */
    APART,
    /** It takes the place of x. */
    ON_X,
    /** It takes the place of dy. */
    ON_GRADIENT;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Place of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
