package normkit.bench.jmh;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import normkit.tensor.Tensor;

/**
 * What techniques with loops of their own must compute, written down plainly in double, element by element. Only where it
 * is defined is it computed: no zeros, NaN or infinities.
 */
final class Formulas {

    private Formulas() {
    }

    private static double[] values(Tensor tensor) {
        return tabulate(Math.toIntExact(tensor.spec().elements()), tensor::get);
    }

    private static double[] tabulate(int count, IntToDoubleFunction function) {
        double[] values = new double[count];
        Arrays.setAll(values, function);
        return values;
    }

    private static int rowLength(Tensor tensor) {
        return Math.toIntExact(tensor.spec().elements() / tensor.spec().axis(0));
    }

    /** x·scale/√(variance + ε), a filter after the other. */
    static double[] scaled(Tensor x, Tensor scale, Tensor variance, double epsilon) {
        int length = rowLength(x);
        return tabulate(Math.toIntExact(x.spec().elements()),
                i -> x.get(i) * scale.get(i / length) / Math.sqrt(variance.get(i / length) + epsilon));
    }

    /** shift − mean·scale/√(variance + ε). */
    static double[] folded(Tensor mean, Tensor scale, Tensor shift, Tensor variance, double epsilon) {
        return tabulate(Math.toIntExact(mean.spec().elements()),
                c -> shift.get(c) - mean.get(c) * scale.get(c) / Math.sqrt(variance.get(c) + epsilon));
    }

    /** g·x/‖x‖ of every row, and the gradients of that: Lp norm, and weight norm. */
    static final class Lengths {

        private final double[] x;
        private final Tensor g;
        private final double p;
        private final int length;

        /** There is no g where it is null, and 1 in its place. */
        Lengths(Tensor x, Tensor g, double p) {
            this.x = values(x);
            this.g = g;
            this.p = p;
            this.length = rowLength(x);
        }

        private double norm(int row) {
            double sum = 0;
            for (int i = row * length; i < (row + 1) * length; i++) {
                sum += Math.pow(Math.abs(x[i]), p);
            }
            return Math.pow(sum, 1 / p);
        }

        private double gain(int row) {
            return g == null ? 1 : g.get(row);
        }

        double[] forward() {
            double[] norms = tabulate(x.length / length, this::norm);
            return tabulate(x.length, i -> gain(i / length) * x[i] / norms[i / length]);
        }

        /** Σdy·x/‖x‖ of every row, which is the gradient of g. */
        double[] parameter(Tensor dy) {
            return tabulate(x.length / length, row -> {
                double dot = 0;
                for (int i = row * length; i < (row + 1) * length; i++) {
                    dot += dy.get(i) * x[i];
                }
                return dot / norm(row);
            });
        }

        double[] backward(Tensor dy) {
            double[] norms = tabulate(x.length / length, this::norm);
            double[] dots = parameter(dy);
            return tabulate(x.length, i -> {
                int row = i / length;
                double slope = Math.signum(x[i]) * Math.pow(Math.abs(x[i]) / norms[row], p - 1);
                return gain(row) / norms[row] * (dy.get(i) - slope * dots[row]);
            });
        }
    }

    private static double sigma(double[] weight, double[] u, double[] v) {
        double sigma = 0;
        for (int i = 0; i < weight.length; i++) {
            sigma += weight[i] * u[i / v.length] * v[i % v.length];
        }
        return sigma;
    }

    /** W/(uᵀWv). */
    static double[] spectral(Tensor weight, double[] u, double[] v) {
        double[] values = values(weight);
        double sigma = sigma(values, u, v);
        return tabulate(values.length, i -> values[i] / sigma);
    }

    /** (dw − (Σdw·W/σ)·uvᵀ)/σ with σ = uᵀWv. */
    static double[] spectralGradient(Tensor dw, Tensor weight, double[] u, double[] v) {
        double[] values = values(weight);
        double[] gradients = values(dw);
        double sigma = sigma(values, u, v);
        double dot = 0;
        for (int i = 0; i < values.length; i++) {
            dot += gradients[i] * values[i] / sigma;
        }
        double all = dot;
        return tabulate(values.length, i -> (gradients[i] - all * u[i / v.length] * v[i % v.length]) / sigma);
    }

    /** Local response norm with β = 0.75 over windows of odd size, channels first with two spatial axes. */
    static final class Response {

        private static final double BETA = 0.75;

        private final double[] x;
        private final double a;
        private final double k;
        private final int[] shape;
        private final int[] reach;

        /**
         * Makes the formula of a tensor.
         *
         * @param a the factor of the sum of squares
         * @param k what is added to it
         * @param reach how far a window reaches along each axis, either way
         */
        Response(Tensor x, double a, double k, int... reach) {
            this.x = values(x);
            this.a = a;
            this.k = k;
            this.shape = Arrays.stream(x.spec().shape()).mapToInt(Math::toIntExact).toArray();
            this.reach = reach;
        }

        private double[] windows(double[] values) {
            return tabulate(values.length, i -> {
                int column = i % shape[3];
                int row = i / shape[3] % shape[2];
                int channel = i / shape[3] / shape[2] % shape[1];
                int sample = i / shape[3] / shape[2] / shape[1];
                double sum = 0;
                for (int c = Math.max(0, channel - reach[1]); c <= Math.min(shape[1] - 1, channel + reach[1]); c++) {
                    for (int r = Math.max(0, row - reach[2]); r <= Math.min(shape[2] - 1, row + reach[2]); r++) {
                        int start = ((sample * shape[1] + c) * shape[2] + r) * shape[3];
                        int end = Math.min(shape[3] - 1, column + reach[3]);
                        for (int at = Math.max(0, column - reach[3]); at <= end; at++) {
                            sum += values[start + at];
                        }
                    }
                }
                return sum;
            });
        }

        private double[] sums() {
            double[] squares = windows(tabulate(x.length, i -> x[i] * x[i]));
            return tabulate(x.length, i -> k + a * squares[i]);
        }

        double[] forward() {
            double[] sums = sums();
            return tabulate(x.length, i -> x[i] / Math.pow(sums[i], BETA));
        }

        double[] backward(Tensor dy) {
            double[] sums = sums();
            double[] gradients = values(dy);
            double[] shares = windows(tabulate(x.length, i -> gradients[i] * x[i] / Math.pow(sums[i], BETA + 1)));
            return tabulate(x.length, i -> gradients[i] / Math.pow(sums[i], BETA) - 2 * a * BETA * x[i] * shares[i]);
        }
    }

    /** The columns of a table. */
    static final class Columns {

        private final double[] x;
        private final int columns;

        Columns(Tensor x) {
            this.x = values(x);
            this.columns = rowLength(x);
        }

        private double[] column(int c) {
            return tabulate(x.length / columns, row -> x[row * columns + c]);
        }

        double[] means() {
            return tabulate(columns, c -> Arrays.stream(column(c)).average().orElseThrow());
        }

        double[] variances() {
            double[] means = means();
            return tabulate(columns,
                    c -> Arrays.stream(column(c)).map(v -> (v - means[c]) * (v - means[c])).average().orElseThrow());
        }

        double[] deviations() {
            return Arrays.stream(variances()).map(Math::sqrt).toArray();
        }

        double[] least() {
            return tabulate(columns, c -> Arrays.stream(column(c)).min().orElseThrow());
        }

        double[] spans() {
            return tabulate(columns, c -> Arrays.stream(column(c)).max().orElseThrow() - least()[c]);
        }

        /** (value − centre)/unit of every element; without centres where they are null. */
        double[] scaled(Tensor values, double[] centres, double[] units) {
            return tabulate(x.length,
                    i -> (values.get(i) - (centres == null ? 0 : centres[i % columns])) / units[i % columns]);
        }
    }
}
