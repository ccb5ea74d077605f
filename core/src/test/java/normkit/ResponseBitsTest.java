package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import normkit.techniques.LocalResponseNorm;
import normkit.techniques.LocalResponseNorm.Alpha;
import normkit.techniques.LocalResponseNorm.Even;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Local response norm to the last bit, in both layouts, on tensors of more than a tile. */
class ResponseBitsTest {

    private static final int SAMPLES = 2;
    private static final int CHANNELS = 37;
    private static final int ROWS = 19;
    private static final int COLUMNS = 23;
    private static final double ALPHA = 0.25;
    private static final double K = 1.5;

    private record Windows(boolean within, int size, Even even) {

        int below() {
            return size % 2 == 0 && even == Even.BELOW ? size / 2 : (size - 1) / 2;
        }

        int above() {
            return size % 2 == 0 && even == Even.ABOVE ? size / 2 : (size - 1) / 2;
        }

        LocalResponseNorm norm() {
            return (within ? LocalResponseNorm.withinChannel(size) : LocalResponseNorm.acrossChannels(size))
                    .alpha(ALPHA, Alpha.SUM).k(K).even(even);
        }

        /** Over the last axis first. */
        double[][][] sums(double[][][] values, int lower, int upper) {
            return within ? along(1, along(2, values, lower, upper), lower, upper) : along(0, values, lower, upper);
        }

        private static double[][][] along(int axis, double[][][] values, int lower, int upper) {
            double[][][] sums = new double[CHANNELS][ROWS][COLUMNS];
            int length = new int[] {CHANNELS, ROWS, COLUMNS}[axis];
            for (int c = 0; c < CHANNELS; c++) {
                for (int r = 0; r < ROWS; r++) {
                    for (int p = 0; p < COLUMNS; p++) {
                        int at = new int[] {c, r, p}[axis];
                        for (int o = Math.max(0, at - lower); o <= Math.min(length - 1, at + upper); o++) {
                            sums[c][r][p] += values[axis == 0 ? o : c][axis == 1 ? o : r][axis == 2 ? o : p];
                        }
                    }
                }
            }
            return sums;
        }
    }

    private static int first(int n, int c, int r, int p) {
        return ((n * CHANNELS + c) * ROWS + r) * COLUMNS + p;
    }

    private static int last(int n, int c, int r, int p) {
        return ((n * ROWS + r) * COLUMNS + p) * CHANNELS + c;
    }

    private interface Index {
        int of(int n, int c, int r, int p);
    }

    @ParameterizedTest
    @CsvSource({"false,5,BELOW", "false,4,ABOVE", "false,100,BELOW", "true,3,BELOW", "true,2,ABOVE", "true,4,NARROW",
        "true,50,BELOW"})
    void everyLayoutHasTheDefinedBits(boolean within, int size, Even even) {
        Windows windows = new Windows(within, size, even);
        check(windows, TensorSpec.channelsFirst(SAMPLES, CHANNELS, ROWS, COLUMNS), ResponseBitsTest::first);
        check(windows, TensorSpec.channelsLast(SAMPLES, ROWS, COLUMNS, CHANNELS), ResponseBitsTest::last);
    }

    private static void check(Windows windows, TensorSpec spec, Index index) {
        Tensor x = Digits.random(spec, 0.5, 3, 1);
        Tensor dy = Digits.random(spec, 0.5, 3, 2);
        Tensor y = Tensor.allocate(spec);
        Tensor dx = Tensor.allocate(spec);
        try (LocalResponseNorm.Plan plan = windows.norm().plan(spec)) {
            plan.forward(x, y);
            plan.backward(dy, x, dx);
        }
        for (int n = 0; n < SAMPLES; n++) {
            double[][][] squares = new double[CHANNELS][ROWS][COLUMNS];
            int sample = n;
            each((c, r, p) -> squares[c][r][p] = x.get(index.of(sample, c, r, p)) * x.get(index.of(sample, c, r, p)));
            double[][][] sums = windows.sums(squares, windows.below(), windows.above());
            double[][][] scales = new double[CHANNELS][ROWS][COLUMNS];
            double[][][] parts = new double[CHANNELS][ROWS][COLUMNS];
            each((c, r, p) -> {
                double s = Math.fma(sums[c][r][p], ALPHA, K);
                scales[c][r][p] = 1 / (Math.sqrt(s) * Math.sqrt(Math.sqrt(s)));
                int i = index.of(sample, c, r, p);
                parts[c][r][p] = dy.get(i) * x.get(i) * scales[c][r][p] / s;
            });
            double[][][] shares = windows.sums(parts, windows.above(), windows.below());
            each((c, r, p) -> {
                int i = index.of(sample, c, r, p);
                assertEquals((float) (x.get(i) * scales[c][r][p]), y.get(i));
                double pulled = -2 * ALPHA * 0.75 * x.get(i) * shares[c][r][p];
                assertEquals((float) Math.fma(dy.get(i), scales[c][r][p], pulled), dx.get(i));
            });
        }
    }

    private interface Visitor {
        void visit(int c, int r, int p);
    }

    private static void each(Visitor visitor) {
        for (int c = 0; c < CHANNELS; c++) {
            for (int r = 0; r < ROWS; r++) {
                for (int p = 0; p < COLUMNS; p++) {
                    visitor.visit(c, r, p);
                }
            }
        }
    }
}
