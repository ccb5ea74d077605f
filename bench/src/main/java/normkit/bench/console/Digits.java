package normkit.bench.console;

import java.util.Locale;

/** Numbers for a person. */
public final class Digits {

    private static final double TEN = 10;
    private static final double HUNDRED = 100;

    private Digits() {
    }

    /**
     * Writes about three digits.
     *
     * @param value a number
     * @return for example {@code 0.12}, {@code 12.3} or {@code 1234}
     */
    public static String three(double value) {
        return String.format(Locale.ROOT, value < TEN ? "%.2f" : value < HUNDRED ? "%.1f" : "%.0f", value);
    }
}
