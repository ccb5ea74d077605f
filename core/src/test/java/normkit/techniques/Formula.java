package normkit.techniques;

import java.util.function.BiPredicate;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** The papers' formulas, element by element in double with two passes over what is averaged. */
final class Formula {

    final int samples;
    final int channels;
    final int space;
    final double[][][] x;

    Formula(Tensor tensor) {
        TensorSpec spec = tensor.spec();
        samples = (int) spec.batch();
        channels = (int) spec.channels();
        space = (int) spec.spatial();
        x = new double[samples][channels][space];
        for (int n = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++) {
                for (int s = 0; s < space; s++) {
                    x[n][c][s] = tensor.get(index(spec, n, c, s));
                }
            }
        }
    }

    /** Where an element is in memory. */
    static int index(TensorSpec spec, int n, int c, int s) {
        int channels = (int) spec.channels();
        int space = (int) spec.spatial();
        return spec.layout() == Layout.CHANNELS_LAST ? (n * space + s) * channels + c : (n * channels + c) * space + s;
    }

    /** A mean and a biased variance. */
    record Spread(double mean, double variance) {

        double normalize(double value, double epsilon) {
            double v = variance + epsilon;
            return v == 0 ? 0 : (value - mean) / Math.sqrt(v);
        }
    }

    /** Over the samples and channels chosen, and all of space. */
    Spread over(BiPredicate<Integer, Integer> chosen) {
        double sum = 0;
        long count = 0;
        for (int n = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++) {
                for (int s = 0; chosen.test(n, c) && s < space; s++) {
                    sum += x[n][c][s];
                    count++;
                }
            }
        }
        double mean = sum / count;
        double squares = 0;
        double rest = 0;
        for (int n = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++) {
                for (int s = 0; chosen.test(n, c) && s < space; s++) {
                    rest += x[n][c][s] - mean;
                    squares += (x[n][c][s] - mean) * (x[n][c][s] - mean);
                }
            }
        }
        return new Spread(mean + rest / count, (squares - rest * rest / count) / count);
    }

    Spread batch(int c) {
        return over((n, other) -> other == c);
    }

    Spread layer(int n) {
        return over((other, c) -> other == n);
    }

    Spread instance(int n, int c) {
        return over((sample, channel) -> sample == n && channel == c);
    }

    /** The value at every sample, channel and position. */
    interface Element {
        double at(int n, int c, int s);
    }

    /** In the memory order of a spec. */
    double[] all(TensorSpec spec, Element element) {
        double[] all = new double[(int) spec.elements()];
        for (int n = 0; n < samples; n++) {
            for (int c = 0; c < channels; c++) {
                for (int s = 0; s < space; s++) {
                    all[index(spec, n, c, s)] = element.at(n, c, s);
                }
            }
        }
        return all;
    }
}
