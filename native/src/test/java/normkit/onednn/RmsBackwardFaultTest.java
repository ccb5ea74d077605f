package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** Why the gradient of RMS norm is declined. The day this fails, oneDNN is mended and the backend may accept it. */
class RmsBackwardFaultTest {

    private static final int N = 32;
    private static final float EPSILON = 1e-5f;

    private final Random random = new Random(7);
    private final float[] input = gaussian();
    private final float[] dy = gaussian();

    private float[] gaussian() {
        float[] values = new float[N];
        for (int i = 0; i < N; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double meanSquare(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum / N;
    }

    /** Σ dy·y, whose derivative by x is what dx must be. */
    private double loss(double[] values) {
        double rms = Math.sqrt(meanSquare(values) + EPSILON);
        double loss = 0;
        for (int i = 0; i < N; i++) {
            loss += dy[i] * values[i] / rms;
        }
        return loss;
    }

    private double[] widened() {
        double[] values = new double[N];
        for (int i = 0; i < N; i++) {
            values[i] = input[i];
        }
        return values;
    }

    private double finiteDifference(int i) {
        double step = 1e-5;
        double[] up = widened();
        double[] down = widened();
        up[i] += step;
        down[i] -= step;
        return (loss(up) - loss(down)) / (2 * step);
    }

    @Test
    void oneDnnSubtractsTheMeanOfTheGradient() {
        double square = meanSquare(widened());
        float[] dx = DirectRmsBackward.dx(1, N, input, dy, new float[] {(float) square}, EPSILON);
        double mean = 0;
        for (float gradient : dy) {
            mean += gradient / (double) N;
        }
        double rstd = 1 / Math.sqrt(square + EPSILON);
        double worst = 0;
        for (int i = 0; i < N; i++) {
            double expected = finiteDifference(i);
            worst = Math.max(worst, Math.abs(expected - dx[i]));
            assertEquals(expected, dx[i] + rstd * mean, 1e-6, "without the term too many, element " + i);
        }
        assertTrue(worst > 0.01, "oneDNN's gradient of RMS norm is right now: accept it in Declines");
    }

    @Test
    void theBackendDeclines() {
        TensorSpec x = TensorSpec.rows(1, N);
        Problem problem = new Problem(Operation.RMS_NORM, Pass.BACKWARD, x, 1, 0, true, false, EPSILON);
        Support.Declined declined = assertInstanceOf(Support.Declined.class, new OneDnnBackend().supports(problem));
        assertTrue(declined.reason().contains("wrong gradient of RMS norm"), declined.reason());
    }
}
