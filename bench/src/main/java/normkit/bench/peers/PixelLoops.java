package normkit.bench.peers;

import java.util.Arrays;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Batch, group and instance norm channels-last: pixel by pixel, with a sum per channel. */
final class PixelLoops implements Execution {

    private final Problem problem;
    private final int channels;
    private final int channelsPerSet;
    /** Pixels that are normalized together, and how many times there are so many: all, or those of each sample. */
    private final long pixels;
    private final long blocks;
    private final int setsPerBlock;

    PixelLoops(Problem problem) {
        this.problem = problem;
        this.channels = Math.toIntExact(problem.x().channels());
        boolean batch = problem.operation() == Operation.BATCH_NORM;
        this.blocks = batch ? 1 : problem.x().batch();
        this.pixels = batch ? problem.x().batch() * problem.x().spatial() : problem.x().spatial();
        this.setsPerBlock = problem.operation() == Operation.GROUP_NORM ? (int) problem.groups() : channels;
        this.channelsPerSet = channels / setsPerBlock;
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor yTensor) {
        Floats x = Floats.of(xTensor);
        Floats scale = Floats.of(scaleTensor);
        Floats shift = Floats.of(shiftTensor);
        Floats y = Floats.of(yTensor);
        Saved saved = Saved.of(statistics, problem);
        float[] mean = new float[channels];
        float[] rstd = new float[channels];
        for (long block = 0; block < blocks; block++) {
            if (problem.pass() == Pass.INFERENCE) {
                load(saved, block, mean, rstd);
            } else {
                statistics(x, block, saved, mean, rstd);
            }
            for (long pixel = block * pixels; pixel < (block + 1) * pixels; pixel++) {
                long start = pixel * channels;
                for (int c = 0; c < channels; c++) {
                    float gamma = scale == null ? 1 : scale.get(c);
                    float beta = shift == null ? 0 : shift.get(c);
                    y.set(start + c, (x.get(start + c) - mean[c]) * rstd[c] * gamma + beta);
                }
            }
        }
    }

    private void load(Saved saved, long block, float[] mean, float[] rstd) {
        for (int c = 0; c < channels; c++) {
            long set = block * setsPerBlock + c / channelsPerSet;
            mean[c] = saved.mean(set);
            rstd[c] = saved.rstd(set);
        }
    }

    private void statistics(Floats x, long block, Saved saved, float[] mean, float[] rstd) {
        double[] means = new double[channels];
        for (long pixel = block * pixels; pixel < (block + 1) * pixels; pixel++) {
            long start = pixel * channels;
            for (int c = 0; c < channels; c++) {
                means[c] += x.get(start + c);
            }
        }
        averageSets(means);
        double[] variances = new double[channels];
        for (long pixel = block * pixels; pixel < (block + 1) * pixels; pixel++) {
            long start = pixel * channels;
            for (int c = 0; c < channels; c++) {
                double difference = x.get(start + c) - means[c];
                variances[c] += difference * difference;
            }
        }
        averageSets(variances);
        for (int c = 0; c < channels; c++) {
            mean[c] = (float) means[c];
            rstd[c] = (float) (1 / Math.sqrt(variances[c] + problem.epsilon()));
            saved.save(block * setsPerBlock + c / channelsPerSet, means[c], variances[c]);
        }
    }

    /** Makes of sums per channel the averages of the sets these channels belong to. */
    private void averageSets(double[] sums) {
        for (int first = 0; first < channels; first += channelsPerSet) {
            double sum = 0;
            for (int c = first; c < first + channelsPerSet; c++) {
                sum += sums[c];
            }
            Arrays.fill(sums, first, first + channelsPerSet, sum / (pixels * channelsPerSet));
        }
    }

    @Override
    public void backward(Tensor dyTensor, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dxTensor,
            Tensor dscaleTensor, Tensor dshiftTensor) {
        Floats dy = Floats.of(dyTensor);
        Floats x = Floats.of(xTensor);
        Floats dx = Floats.of(dxTensor);
        Saved saved = Saved.of(statistics, problem);
        float[] mean = new float[channels];
        float[] rstd = new float[channels];
        float[] gamma = new float[channels];
        for (int c = 0; c < channels; c++) {
            gamma[c] = scaleTensor == null ? 1 : (float) scaleTensor.get(c);
        }
        double[] dscale = new double[channels];
        double[] dshift = new double[channels];
        for (long block = 0; block < blocks; block++) {
            load(saved, block, mean, rstd);
            double[] sum = new double[channels];
            double[] dot = new double[channels];
            for (long pixel = block * pixels; pixel < (block + 1) * pixels; pixel++) {
                long start = pixel * channels;
                for (int c = 0; c < channels; c++) {
                    float gradient = dy.get(start + c);
                    sum[c] += gradient;
                    dot[c] += gradient * ((x.get(start + c) - mean[c]) * rstd[c]);
                }
            }
            for (int c = 0; c < channels; c++) {
                dshift[c] += sum[c];
                dscale[c] += dot[c];
                sum[c] *= gamma[c];
                dot[c] *= gamma[c];
            }
            averageSets(sum);
            averageSets(dot);
            if (dx != null) {
                gradient(dy, x, block, mean, rstd, gamma, sum, dot, dx);
            }
        }
        Sums.store(dscale, dscaleTensor);
        Sums.store(dshift, dshiftTensor);
    }

    private void gradient(Floats dy, Floats x, long block, float[] mean, float[] rstd, float[] gamma, double[] meanSum,
            double[] meanDot, Floats dx) {
        boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
        for (long pixel = block * pixels; pixel < (block + 1) * pixels; pixel++) {
            long start = pixel * channels;
            for (int c = 0; c < channels; c++) {
                float g = dy.get(start + c) * gamma[c];
                float normalized = (x.get(start + c) - mean[c]) * rstd[c];
                dx.set(start + c, rstd[c] * (frozen ? g : g - (float) meanSum[c] - normalized * (float) meanDot[c]));
            }
        }
    }

    @Override
    public void close() {
    }
}
