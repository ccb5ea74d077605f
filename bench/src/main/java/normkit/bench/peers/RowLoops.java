package normkit.bench.peers;

import normkit.spi.Execution;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Layer and RMS norm. */
final class RowLoops implements Execution {

    private final Problem problem;
    private final boolean centred;
    private final long rows;
    private final int length;

    RowLoops(Problem problem) {
        this.problem = problem;
        this.centred = problem.operation().centred();
        this.rows = problem.statisticsSpec().elements();
        this.length = Math.toIntExact(problem.parameterSpec().elements());
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor yTensor) {
        Floats x = Floats.of(xTensor);
        Floats scale = Floats.of(scaleTensor);
        Floats shift = Floats.of(shiftTensor);
        Floats y = Floats.of(yTensor);
        Saved saved = Saved.of(statistics, problem);
        for (long row = 0; row < rows; row++) {
            long start = row * length;
            double mean = 0;
            if (centred) {
                for (int i = 0; i < length; i++) {
                    mean += x.get(start + i);
                }
                mean /= length;
            }
            double variance = 0;
            for (int i = 0; i < length; i++) {
                double difference = x.get(start + i) - mean;
                variance += difference * difference;
            }
            variance /= length;
            saved.save(row, mean, variance);
            float m = (float) mean;
            float rstd = (float) (1 / Math.sqrt(variance + problem.epsilon()));
            for (int i = 0; i < length; i++) {
                float gamma = scale == null ? 1 : scale.get(i);
                float beta = shift == null ? 0 : shift.get(i);
                y.set(start + i, (x.get(start + i) - m) * rstd * gamma + beta);
            }
        }
    }

    @Override
    public void backward(Tensor dyTensor, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dxTensor,
            Tensor dscaleTensor, Tensor dshiftTensor) {
        Floats dy = Floats.of(dyTensor);
        Floats x = Floats.of(xTensor);
        Floats scale = Floats.of(scaleTensor);
        Floats dx = Floats.of(dxTensor);
        Saved saved = Saved.of(statistics, problem);
        double[] dscale = new double[length];
        double[] dshift = new double[length];
        for (long row = 0; row < rows; row++) {
            long start = row * length;
            float mean = saved.mean(row);
            float rstd = saved.rstd(row);
            double sum = 0;
            double dot = 0;
            for (int i = 0; i < length; i++) {
                float gradient = dy.get(start + i);
                float normalized = (x.get(start + i) - mean) * rstd;
                dscale[i] += gradient * normalized;
                dshift[i] += gradient;
                float g = scale == null ? gradient : gradient * scale.get(i);
                sum += g;
                dot += g * normalized;
            }
            if (dx == null) {
                continue;
            }
            float meanSum = centred ? (float) (sum / length) : 0;
            float meanDot = (float) (dot / length);
            for (int i = 0; i < length; i++) {
                float normalized = (x.get(start + i) - mean) * rstd;
                float g = scale == null ? dy.get(start + i) : dy.get(start + i) * scale.get(i);
                dx.set(start + i, rstd * (g - meanSum - normalized * meanDot));
            }
        }
        Sums.store(dscale, dscaleTensor);
        Sums.store(dshift, dshiftTensor);
    }

    @Override
    public void close() {
    }
}
