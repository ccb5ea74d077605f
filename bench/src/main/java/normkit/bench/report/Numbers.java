package normkit.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as a person reads them: three digits, and the unit that needs the fewest zeros. */
final class Numbers {

    private static final String MISSING = "–";
    private static final String[] TIMES = {"ns", "µs", "ms", "s"};
    private static final String[] RATES = {"", "k", "M", "G", "T"};
    private static final String[] SIZES = {"B", "KB", "MB", "GB", "TB"};
    private static final int DECIMAL = 1000;
    private static final int BINARY = 1024;

    private Numbers() {
    }

    /** Three significant digits. */
    static String plain(double value) {
        if (Double.isNaN(value)) {
            return MISSING;
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "−∞";
        }
        double size = size(value);
        if (size != 0 && (size < 1e-3 || size >= 1e6)) {
            return String.format(Locale.ROOT, "%.1e", value).replaceAll("e\\+?(-?)0*(\\d)", "e$1$2").replace(".0e",
                    "e");
        }
        if (size < 0.1) {
            return new BigDecimal(value).round(new MathContext(2)).stripTrailingZeros().toPlainString();
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    /** Its absolute value, or what rounding makes of it: the digits before the point are those of the larger one. */
    private static double size(double value) {
        double size = Math.abs(value);
        return Double.isFinite(size)
                ? Math.max(size, BigDecimal.valueOf(size).round(new MathContext(3)).doubleValue())
                : size;
    }

    static String ratio(double value) {
        return Double.isNaN(value) ? MISSING : plain(value) + "×";
    }

    /** A round value at an axis. */
    static String tick(double value) {
        return value < 1e-3 || value >= 1e6
                ? power(value)
                : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    static String ratioTick(double value) {
        return tick(value) + "×";
    }

    /** A round rate at an axis, which says that it is per second. */
    static String rateTick(double perSecond, String unit) {
        return rate(perSecond, unit).replaceAll("\\.0+ ", " ").replace("/s", "");
    }

    static String percent(double fraction) {
        double percent = fraction * 100;
        return Double.isNaN(fraction) ? MISSING : (percent < 1 ? plain(percent) : Math.round(percent)) + " %";
    }

    static String time(double seconds) {
        return scaled(seconds * 1e9, DECIMAL, TIMES, " ");
    }

    /** A number of things per second. */
    static String rate(double perSecond, String unit) {
        return scaled(perSecond, DECIMAL, RATES, " ") + (Double.isNaN(perSecond) ? "" : unit + "/s");
    }

    static String bytes(double bytes) {
        return scaled(bytes, BINARY, SIZES, " ").replaceAll("\\.0+ ", " ");
    }

    private static String scaled(double value, int step, String[] units, String space) {
        if (Double.isNaN(value)) {
            return MISSING;
        }
        int unit = 0;
        double scaled = value;
        while (size(scaled) >= step && unit < units.length - 1) {
            scaled /= step;
            unit++;
        }
        return plain(scaled) + space + units[unit];
    }

    /** A power of ten, with the exponent raised. */
    static String power(double value) {
        long exponent = Math.round(Math.log10(value));
        String digits = String.valueOf(Math.abs(exponent)).chars()
                .mapToObj(d -> "⁰¹²³⁴⁵⁶⁷⁸⁹".substring(d - '0', d - '0' + 1)).reduce("", String::concat);
        return exponent == 0 ? "1" : exponent == 1 ? "10" : "10" + (exponent < 0 ? "⁻" : "") + digits;
    }

    /** A number of things, with their name in the plural unless there is one. */
    static String count(long number, String name) {
        return number + " " + name + (number == 1 ? "" : "s");
    }
}
