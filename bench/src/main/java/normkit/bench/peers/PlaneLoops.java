package normkit.bench.peers;

import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Batch, group and instance norm channels-first: the planes of a set, one after the other. */
final class PlaneLoops implements Execution {

    private final Problem problem;
    private final int channels;
    private final long area;
    private final long sets;
    /** Planes per set, and how far from one to the next. */
    private final long planes;
    private final long step;

    PlaneLoops(Problem problem) {
        this.problem = problem;
        this.channels = Math.toIntExact(problem.x().channels());
        this.area = problem.x().spatial();
        this.sets = problem.statisticsSpec().elements();
        boolean batch = problem.operation() == Operation.BATCH_NORM;
        this.planes = problem.x().batch() * channels / sets;
        this.step = batch ? channels : 1;
    }

    private long firstPlane(long set) {
        return step == 1 ? set * planes : set;
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor yTensor) {
        Floats x = Floats.of(xTensor);
        Floats scale = Floats.of(scaleTensor);
        Floats shift = Floats.of(shiftTensor);
        Floats y = Floats.of(yTensor);
        Saved saved = Saved.of(statistics, problem);
        for (long set = 0; set < sets; set++) {
            float mean;
            float rstd;
            if (problem.pass() == Pass.INFERENCE) {
                mean = saved.mean(set);
                rstd = saved.rstd(set);
            } else {
                double average = mean(x, set);
                double variance = variance(x, set, average);
                saved.save(set, average, variance);
                mean = (float) average;
                rstd = (float) (1 / Math.sqrt(variance + problem.epsilon()));
            }
            for (long p = 0; p < planes; p++) {
                long plane = firstPlane(set) + p * step;
                float gamma = scale == null ? 1 : scale.get(plane % channels);
                float beta = shift == null ? 0 : shift.get(plane % channels);
                for (long i = plane * area; i < (plane + 1) * area; i++) {
                    y.set(i, (x.get(i) - mean) * rstd * gamma + beta);
                }
            }
        }
    }

    private double mean(Floats x, long set) {
        double sum = 0;
        for (long p = 0; p < planes; p++) {
            long plane = firstPlane(set) + p * step;
            for (long i = plane * area; i < (plane + 1) * area; i++) {
                sum += x.get(i);
            }
        }
        return sum / (planes * area);
    }

    private double variance(Floats x, long set, double mean) {
        double sum = 0;
        for (long p = 0; p < planes; p++) {
            long plane = firstPlane(set) + p * step;
            for (long i = plane * area; i < (plane + 1) * area; i++) {
                double difference = x.get(i) - mean;
                sum += difference * difference;
            }
        }
        return sum / (planes * area);
    }

    @Override
    public void backward(Tensor dyTensor, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dxTensor,
            Tensor dscaleTensor, Tensor dshiftTensor) {
        Floats dy = Floats.of(dyTensor);
        Floats x = Floats.of(xTensor);
        Floats scale = Floats.of(scaleTensor);
        Floats dx = Floats.of(dxTensor);
        Saved saved = Saved.of(statistics, problem);
        boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
        double[] dscale = new double[channels];
        double[] dshift = new double[channels];
        for (long set = 0; set < sets; set++) {
            float mean = saved.mean(set);
            float rstd = saved.rstd(set);
            double sum = 0;
            double dot = 0;
            for (long p = 0; p < planes; p++) {
                long plane = firstPlane(set) + p * step;
                int channel = (int) (plane % channels);
                double planeSum = 0;
                double planeDot = 0;
                for (long i = plane * area; i < (plane + 1) * area; i++) {
                    planeSum += dy.get(i);
                    planeDot += dy.get(i) * ((x.get(i) - mean) * rstd);
                }
                dshift[channel] += planeSum;
                dscale[channel] += planeDot;
                float gamma = scale == null ? 1 : scale.get(channel);
                sum += gamma * planeSum;
                dot += gamma * planeDot;
            }
            if (dx == null) {
                continue;
            }
            float meanSum = (float) (sum / (planes * area));
            float meanDot = (float) (dot / (planes * area));
            for (long p = 0; p < planes; p++) {
                long plane = firstPlane(set) + p * step;
                float gamma = scale == null ? 1 : scale.get(plane % channels);
                for (long i = plane * area; i < (plane + 1) * area; i++) {
                    float g = dy.get(i) * gamma;
                    dx.set(i, rstd * (frozen ? g : g - meanSum - (x.get(i) - mean) * rstd * meanDot));
                }
            }
        }
        Sums.store(dscale, dscaleTensor);
        Sums.store(dshift, dshiftTensor);
    }

    @Override
    public void close() {
    }
}
