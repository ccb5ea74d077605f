package normkit.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Maps values to places from 0 to 1. A logarithmic axis can have a place of its own for 0 before everything else, and
 * one for what is not finite after it.
 */
final class Axis {

    /** A labelled value. */
    record Tick(double value, String label, boolean strong) {}

    private static final double SLOT = 0.1;
    private static final double MARGIN = 0.04;
    private static final double HALF_A_DECADE = 0.5;
    private static final int FEW_DECADES = 2;
    private static final int MANY_DECADES = 6;

    private final double low;
    private final double high;
    private final boolean logarithmic;
    private final boolean zero;
    private final boolean infinite;
    private final List<Tick> ticks;

    private Axis(double low, double high, boolean logarithmic, boolean zero, boolean infinite, List<Tick> ticks) {
        this.logarithmic = logarithmic;
        this.low = scaled(low);
        this.high = scaled(high);
        this.zero = zero;
        this.infinite = infinite;
        this.ticks = List.copyOf(ticks);
    }

    /** A logarithmic axis that shows all values: 0 and what is not finite only if they occur. */
    static Axis log(Collection<Double> values, DoubleFunction<String> label) {
        double[] positive =
                values.stream().mapToDouble(v -> v).filter(v -> v > 0 && Double.isFinite(v)).sorted().toArray();
        double least = positive.length == 0 ? 1 : positive[0];
        double most = positive.length == 0 ? 1 : positive[positive.length - 1];
        // At least a factor of two, so that noise does not fill the plot.
        double widen = Math.max(1, Math.sqrt(2 / (most / least)));
        double margin = Math.pow(most / least * widen * widen, MARGIN);
        double low = least / widen / margin;
        double high = most * widen * margin;
        boolean zero = values.stream().anyMatch(v -> v <= 0);
        boolean infinite = values.stream().anyMatch(v -> !Double.isFinite(v));
        List<Tick> ticks = new ArrayList<>();
        if (zero) {
            ticks.add(new Tick(0, "0", false));
        }
        for (double tick : decimal(low, high)) {
            ticks.add(new Tick(tick, label.apply(tick), false));
        }
        if (infinite) {
            ticks.add(new Tick(Double.POSITIVE_INFINITY, "not finite", false));
        }
        return new Axis(low, high, true, zero, infinite, ticks);
    }

    /** A logarithmic axis of bytes, with some powers of two. */
    static Axis bytes(Collection<Double> values) {
        double least = values.stream().mapToDouble(v -> v).min().orElse(1);
        double most = values.stream().mapToDouble(v -> v).max().orElse(1);
        List<Tick> ticks = new ArrayList<>();
        double step = most / least > 1 << 12 ? 8 : 2;
        for (double tick = 1; tick <= most * 1.3; tick *= step) {
            if (tick >= least / 1.3) {
                ticks.add(new Tick(tick, Numbers.bytes(tick), false));
            }
        }
        return new Axis(least / 1.3, most * 1.3, true, false, false, ticks);
    }

    /** A linear axis. */
    static Axis linear(double low, double high, List<Tick> ticks) {
        return new Axis(low, high, false, false, false, ticks);
    }

    /** The round number of which a range has about five. */
    private static double step(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(range / 5)));
        double multiple = range / 5 / power;
        return power * (multiple > 5 ? 10 : multiple > 2 ? 5 : multiple > 1 ? 2 : 1);
    }

    /** Powers of ten over many decades; 1, 2 and 5 times them over few; even steps over less than one. */
    private static List<Double> decimal(double low, double high) {
        double decades = Math.log10(high / low);
        int stride = decades > 2 * MANY_DECADES ? 3 : decades > MANY_DECADES ? 2 : 1;
        double[] factors = decades > FEW_DECADES + 1
                ? new double[] {1}
                : decades > FEW_DECADES ? new double[] {1, 3} : new double[] {1, 2, 5};
        List<Double> ticks = new ArrayList<>();
        if (decades < HALF_A_DECADE) {
            double step = step(high - low);
            for (long i = (long) Math.ceil(low / step); i * step <= high; i++) {
                // Rounded, so that 11 times 0.1 is 1.1.
                ticks.add(new BigDecimal(i * step).round(MathContext.DECIMAL32).doubleValue());
            }
            return ticks;
        }
        for (int exponent = (int) Math.floor(Math.log10(low)); Math.pow(10, exponent) <= high; exponent++) {
            for (double factor : factors) {
                // Division, so that 0.1 is 0.1.
                double tick = exponent < 0 ? factor / Math.pow(10, -exponent) : factor * Math.pow(10, exponent);
                if (Math.floorMod(exponent, stride) == 0 && tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    List<Tick> ticks() {
        return ticks;
    }

    /** Where a value is; one outside the axis is at its end. */
    double position(double value) {
        double first = zero ? SLOT : 0;
        double last = infinite ? 1 - SLOT : 1;
        if (!Double.isFinite(value)) {
            return 1 - SLOT / 2;
        }
        if (zero && value <= 0) {
            return SLOT / 2;
        }
        return first + (last - first) * Math.clamp((scaled(value) - low) / (high - low), 0, 1);
    }

    /** The logarithm of 0 or less is as good as that of the least value. */
    private double scaled(double value) {
        return logarithmic ? Math.log(Math.max(value, Double.MIN_VALUE)) : value;
    }
}
