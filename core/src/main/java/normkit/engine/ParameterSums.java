package normkit.engine;

import java.util.Arrays;

/** Sums for the gradients of γ and β: one of each per parameter. */
final class ParameterSums {

    final double[] scale;
    final double[] shift;

    ParameterSums(int parameters) {
        scale = new double[parameters];
        shift = new double[parameters];
    }

    /** Makes those of parameters {@code from} … {@code to} − 1 zero. */
    void clear(int from, int to) {
        Arrays.fill(scale, from, to, 0);
        Arrays.fill(shift, from, to, 0);
    }

    /** Adds them to others, those of parameters {@code from} … {@code to} − 1. */
    void addTo(ParameterSums total, int from, int to) {
        addTo(total.scale, total.shift, 0, from, to);
    }

    /** Adds them to arrays in which parameter 0 is at an index. */
    void addTo(double[] totalScale, double[] totalShift, int at, int from, int to) {
        add(scale, from, to, totalScale, at);
        add(shift, from, to, totalShift, at);
    }

    private static void add(double[] part, int from, int to, double[] total, int at) {
        for (int i = from; i < to; i++) {
            total[at + i] += part[i];
        }
    }
}
