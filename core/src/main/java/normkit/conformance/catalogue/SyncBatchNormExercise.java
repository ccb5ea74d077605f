package normkit.conformance.catalogue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import normkit.RunningStatistics;
import normkit.conformance.parts.Term;
import normkit.techniques.ChannelGradients;
import normkit.techniques.ChannelMoments;
import normkit.techniques.SyncBatchNorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Batch norm over the batches of all participants; what they send each other goes through bytes. */
final class SyncBatchNormExercise implements Exercise {

    private static final double EPSILON = 1e-5;
    private static final double WEIGHT = 0.1;

    private final List<Participant> participants = new ArrayList<>();
    private final int channels;
    private final Tensor scale;
    private final Tensor shift;
    private final Tensor dscale;
    private final Tensor dshift;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    /** One of them; the number is part of the names of its tensors. */
    private final class Participant {

        private final int number;
        private final Grid grid;
        private final SyncBatchNorm.Plan plan;
        private final ChannelMoments moments = ChannelMoments.allocate(channels);
        private final ChannelGradients sums = ChannelGradients.allocate(channels);
        private final Tensor x;
        private final Tensor dy;
        private final Desk.Pair forward;
        private final Desk.Pair backward;

        private Participant(Desk desk, int number, TensorSpec spec) {
            this.number = number;
            grid = new Grid(spec);
            plan = SyncBatchNorm.create().plan(spec, desk.options());
            x = desk.data("x" + number, spec);
            dy = desk.normal("dy" + number, spec);
            forward = desk.onto("x" + number, "y" + number);
            backward = desk.onto("dy" + number, "dx" + number);
        }
    }

    SyncBatchNormExercise(Desk desk) {
        TensorSpec x = desk.x();
        channels = (int) x.channels();
        long[] batches = switch (desk.which().variant()) {
            case "alone" -> new long[] {x.batch()};
            case "uneven" -> new long[] {x.batch(), 1, 2 * x.batch()};
            default -> new long[] {0, x.batch(), 0, 1};
        };
        for (int i = 0; i < batches.length; i++) {
            long[] shape = x.shape();
            shape[0] = batches[i];
            participants.add(new Participant(desk, i, TensorSpec.of(x.type(), x.layout(), shape)));
        }
        TensorSpec perChannel = desk.vector(channels);
        scale = desk.normal("scale", perChannel);
        shift = desk.normal("shift", perChannel);
        dscale = desk.output("dscale", perChannel);
        dshift = desk.output("dshift", perChannel);
        runningMean = desk.updated("running mean", perChannel, -1, 1);
        runningVariance = desk.updated("running variance", perChannel, 0.3, 2);
    }

    @Override
    public void run() {
        ChannelMoments all = ChannelMoments.allocate(channels);
        for (Participant p : participants) {
            p.plan.moments(p.x, p.moments);
            all.merge(ChannelMoments.of(p.moments.toBytes()));
        }
        ChannelGradients total = ChannelGradients.allocate(channels);
        for (Participant p : participants) {
            // One set of running statistics is enough to see: they are the same everywhere.
            RunningStatistics running = p.number == 0 ? new RunningStatistics(runningMean, runningVariance, 0) : null;
            p.plan.normalize(p.forward.in(), scale, shift, all, p.forward.out(), running);
            p.plan.gradients(p.dy, p.x, all, p.sums);
            total.merge(ChannelGradients.of(p.sums.toBytes()));
        }
        for (Participant p : participants) {
            p.plan.backward(p.backward.in(), p.x, scale, all, total, p.backward.out());
        }
        participants.getFirst().plan.parameterGradients(total, dscale, dshift);
    }

    @Override
    public void formula(Formula f) {
        Term[][] y = new Term[participants.size()][];
        Arrays.setAll(y, p -> new Term[participants.get(p).grid.size()]);
        Term[] mean = new Term[channels];
        Term[] variance = new Term[channels];
        for (int c = 0; c < channels; c++) {
            Formula.Moments batch = moments(f, c);
            for (Participant p : participants) {
                for (int i : p.grid.ofChannel(c)) {
                    y[p.number][i] = f.normalized(f.in("x" + p.number)[i], batch, EPSILON).times(f.in("scale")[c])
                            .plus(f.in("shift")[c]);
                }
            }
            mean[c] = Formula.blend(f.in("running mean")[c], batch.mean(), WEIGHT);
            variance[c] = Formula.blend(f.in("running variance")[c], batch.unbiased(), WEIGHT);
        }
        for (Participant p : participants) {
            f.out("y" + p.number, y[p.number]);
            f.loss("dy" + p.number, y[p.number]);
        }
        f.out("running mean", mean);
        f.out("running variance", variance);
    }

    private Formula.Moments moments(Formula f, int channel) {
        List<Term> values = new ArrayList<>();
        for (Participant p : participants) {
            for (int i : p.grid.ofChannel(channel)) {
                values.add(f.in("x" + p.number)[i]);
            }
        }
        return f.moments(values.toArray(Term[]::new), IntStream.range(0, values.size()).toArray());
    }

    @Override
    public void close() {
        participants.forEach(p -> p.plan.close());
    }
}
