package normkit.onednn;

import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;

/**
 * The definitions, written down in double arithmetic and nothing else: every element knows its set and its parameter,
 * and everything is a plain sum over elements.
 */
final class Oracle {

    private final Problem problem;
    private final int elements;
    private final int sets;
    private final int parameters;

    final double[] mean;
    final double[] variance;
    private final double[] count;

    Oracle(Problem problem) {
        this.problem = problem;
        elements = (int) problem.x().elements();
        sets = (int) problem.statisticsSpec().elements();
        parameters = (int) problem.parameterSpec().elements();
        mean = new double[sets];
        variance = new double[sets];
        count = new double[sets];
        for (int i = 0; i < elements; i++) {
            count[set(i)]++;
        }
    }

    /** Index of an element's channel and sample, from its position in memory. */
    private long channel(int i) {
        return problem.x().layout() == Layout.CHANNELS_LAST
                ? i % problem.x().channels()
                : i / problem.x().spatial() % problem.x().channels();
    }

    private long sample(int i) {
        return i / (problem.x().channels() * problem.x().spatial());
    }

    int set(int i) {
        return (int) switch (problem.operation()) {
            case LAYER_NORM, RMS_NORM -> i / parameters();
            case BATCH_NORM -> channel(i);
            case GROUP_NORM -> sample(i) * problem.groups() + channel(i) / (problem.x().channels() / problem.groups());
            case INSTANCE_NORM -> sample(i) * problem.x().channels() + channel(i);
        };
    }

    int parameter(int i) {
        boolean rows = problem.operation() == Operation.LAYER_NORM || problem.operation() == Operation.RMS_NORM;
        return (int) (rows ? i % parameters() : channel(i));
    }

    private int parameters() {
        return parameters;
    }

    /** Computes the statistics of x. */
    void measure(Tensor x) {
        for (int i = 0; i < elements; i++) {
            mean[set(i)] += problem.operation() == Operation.RMS_NORM ? 0 : x.get(i) / count[set(i)];
        }
        for (int i = 0; i < elements; i++) {
            double d = x.get(i) - mean[set(i)];
            variance[set(i)] += d * d / count[set(i)];
        }
    }

    double rstd(int set) {
        return 1 / Math.sqrt(variance[set] + problem.epsilon());
    }

    /** How far a set is from 0 in standard deviations; by this factor, what f32 rounds off its mean matters more. */
    double offset(int set) {
        return Math.abs(mean[set]) * rstd(set);
    }

    double normalized(Tensor x, int i) {
        return (x.get(i) - mean[set(i)]) * rstd(set(i));
    }

    double y(Tensor x, Tensor scale, Tensor shift, int i) {
        return normalized(x, i) * or(scale, i, 1) + or(shift, i, 0);
    }

    double or(Tensor parameterTensor, int i, double otherwise) {
        return parameterTensor == null ? otherwise : parameterTensor.get(parameter(i));
    }

    /** The gradient of x. */
    double[] dx(Tensor dy, Tensor x, Tensor scale) {
        double[] sum = new double[sets];
        double[] dot = new double[sets];
        if (problem.pass() == Pass.BACKWARD) {
            for (int i = 0; i < elements; i++) {
                double g = dy.get(i) * or(scale, i, 1);
                sum[set(i)] += g / count[set(i)];
                dot[set(i)] += g * normalized(x, i) / count[set(i)];
            }
        }
        double[] dx = new double[elements];
        for (int i = 0; i < elements; i++) {
            int s = set(i);
            dx[i] = rstd(s) * (dy.get(i) * or(scale, i, 1) - sum[s] - normalized(x, i) * dot[s]);
        }
        return dx;
    }

    double[] dscale(Tensor dy, Tensor x) {
        double[] gradient = new double[parameters];
        for (int i = 0; i < elements; i++) {
            gradient[parameter(i)] += dy.get(i) * normalized(x, i);
        }
        return gradient;
    }

    double[] dshift(Tensor dy) {
        double[] gradient = new double[parameters];
        for (int i = 0; i < elements; i++) {
            gradient[parameter(i)] += dy.get(i);
        }
        return gradient;
    }
}
