package normkit.engine;

import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.tensor.Tensor;

/**
 * Sums for the gradients of γ and β: one of each per parameter. Whoever takes them leaves zeros for the next run: loads of sums
 * that have only just been cleared would wait for the cache.
 */
final class ParameterSums {

    final double[] scale;
    final double[] shift;

    ParameterSums(int parameters) {
        scale = new double[parameters];
        shift = new double[parameters];
    }

    private void clear(int from, int to) {
        Arrays.fill(scale, from, to, 0);
        Arrays.fill(shift, from, to, 0);
    }

    /** Moves those of parameters {@code from} … {@code to} − 1 into others, to which they are added. */
    void moveTo(ParameterSums total, int from, int to) {
        moveTo(total.scale, total.shift, 0, from, to);
    }

    /** Moves them into arrays in which parameter 0 is at an index. */
    void moveTo(double[] totalScale, double[] totalShift, int at, int from, int to) {
        add(scale, from, to, totalScale, at);
        add(shift, from, to, totalShift, at);
        clear(from, to);
    }

    private static void add(double[] part, int from, int to, double[] total, int at) {
        for (int i = from; i < to; i++) {
            total[at + i] += part[i];
        }
    }

    /** Moves them into the gradients, either of which may be null, rounded. */
    void moveTo(Doubles doubles, Tensor dscale, Tensor dshift, int from, int to) {
        if (dscale != null) {
            doubles.write(scale, from, to - from, dscale, from);
        }
        if (dshift != null) {
            doubles.write(shift, from, to - from, dshift, from);
        }
        clear(from, to);
    }
}
