package normkit.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import normkit.spi.Cost;

/**
 * Finds the numbers of a {@link Cost} that predict measured times best: none of them negative, no level of the memory cheaper
 * than one before it, and with the least sum of squared relative errors, so that small problems count as much as large ones.
 */
public final class CostFit {

    private static final int CACHED = 3;
    private static final int SHARED = 4;
    private static final int MEMORY = 5;
    private static final int SWEEPS = 20_000;
    /** Draws numbers that the measurements leave open to 0. */
    private static final double RIDGE = 1e-6;

    private final List<double[]> rows = new ArrayList<>();

    /** Makes a fit without measurements. */
    public CostFit() {
    }

    /**
     * Adds a measurement.
     *
     * @param amounts what the problem has of each, as {@link normkit.dispatch.CostModel#amounts} tells
     * @param nanoseconds what it took
     */
    public void add(double[] amounts, double nanoseconds) {
        double[] row = Arrays.stream(amounts).map(a -> a / nanoseconds).toArray();
        // No level is cheaper than the one before: what is fitted is what it costs more.
        row[SHARED] += row[MEMORY];
        row[CACHED] += row[SHARED];
        rows.add(row);
    }

    /**
     * Fits, by coordinate descent.
     *
     * @return the cost; mesh, staging and parallel share are 0
     */
    public Cost fit() {
        int terms = rows.getFirst().length;
        double[] scale = new double[terms];
        for (double[] row : rows) {
            for (int t = 0; t < terms; t++) {
                scale[t] = Math.max(scale[t], row[t]);
            }
        }
        double[] x = new double[terms];
        double[] errors = new double[rows.size()];
        Arrays.fill(errors, -1);
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int t = 0; t < terms; t++) {
                if (scale[t] > 0) {
                    improve(x, errors, t, scale[t]);
                }
            }
        }
        double shared = x[CACHED] + x[SHARED];
        return new Cost(x[0], x[1], x[2], x[CACHED], shared, shared + x[MEMORY], x[6], 0, 0, 0, 0);
    }

    /** Sets one number to its best value given the others. */
    private void improve(double[] x, double[] errors, int term, double scale) {
        double gradient = 0;
        double curvature = RIDGE * scale * scale;
        for (int r = 0; r < errors.length; r++) {
            double a = rows.get(r)[term];
            gradient += a * errors[r];
            curvature += a * a;
        }
        double best = Math.max(0, x[term] - (gradient + RIDGE * scale * scale * x[term]) / curvature);
        for (int r = 0; r < errors.length; r++) {
            errors[r] += rows.get(r)[term] * (best - x[term]);
        }
        x[term] = best;
    }

    /**
     * Returns the Java expression that makes a cost.
     *
     * @param cost a cost
     * @return for example {@code Cost.perKiB(14, 14.8, 36).perCall(700)}
     */
    public static String source(Cost cost) {
        StringBuilder source = new StringBuilder("Cost.perKiB(").append(number(cost.cached())).append(", ")
                .append(number(cost.shared())).append(", ").append(number(cost.memory())).append(')');
        append(source, "perCall", cost.call());
        append(source, "perRun", cost.run());
        append(source, "perParameter", cost.parameter());
        append(source, "spilling", cost.spill());
        return source.toString();
    }

    private static void append(StringBuilder source, String name, double value) {
        if (!number(value).equals("0")) {
            source.append('.').append(name).append('(').append(number(value)).append(')');
        }
    }

    /** About three digits. */
    private static String number(double value) {
        String text = String.format(Locale.ROOT,
                value < 1 ? "%.3f" : value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
