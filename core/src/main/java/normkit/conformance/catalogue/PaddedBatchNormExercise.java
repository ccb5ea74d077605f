package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.conformance.parts.Term;
import normkit.techniques.PaddedBatchNorm;
import normkit.techniques.Positions;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Batch norm over valid places; padding comes out as 0. */
final class PaddedBatchNormExercise implements Exercise {

    private static final double EPSILON = 1e-5;
    private static final double WEIGHT = 0.1;

    private final Grid grid;
    private final Mask mask;
    private final Positions positions;
    private final PaddedBatchNorm.Plan plan;
    private final Tensor x;
    private final Tensor scale;
    private final Tensor shift;
    private final Statistics saved;
    private final Statistics given;
    private final Tensor inferred;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dscale;
    private final Tensor dshift;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    PaddedBatchNormExercise(Desk desk) {
        grid = new Grid(desk.x());
        mask = new Mask(desk, desk.which().variant().equals("lengths"));
        positions = mask.positions();
        plan = PaddedBatchNorm.of(BatchNorm.create().singleValue(BatchNorm.SingleValue.ALLOW)).plan(desk.x(),
                desk.options());
        TensorSpec perChannel = desk.vector(grid.channels());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        scale = desk.normal("scale", perChannel);
        shift = desk.normal("shift", perChannel);
        saved = Statistics.allocate(perChannel.as(DataType.F64));
        given = Statistics.meanAndVariance(desk.uniform("given mean", perChannel, -1, 1),
                desk.uniform("given variance", perChannel, 0.3, 2));
        inferred = desk.output("inferred", desk.x());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        dscale = desk.output("dscale", perChannel);
        dshift = desk.output("dshift", perChannel);
        runningMean = desk.updated("running mean", perChannel, -1, 1);
        runningVariance = desk.updated("running variance", perChannel, 0.3, 2);
    }

    @Override
    public void run() {
        plan.infer(x, positions, scale, shift, given, inferred);
        plan.train(forward.in(), positions, scale, shift, forward.out(), saved,
                new RunningStatistics(runningMean, runningVariance, 0));
        plan.backward(backward.in(), x, positions, scale, saved, backward.out(), dscale, dshift);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Arrays.fill(y, f.number(0));
        Term[] mean = f.in("running mean").clone();
        Term[] variance = f.in("running variance").clone();
        for (int c = 0; c < grid.channels(); c++) {
            int[] valid = Arrays.stream(grid.ofChannel(c)).filter(i -> mask.at(grid, i)).toArray();
            if (valid.length > 0) {
                Formula.Moments batch = f.moments(in, valid);
                for (int i : valid) {
                    y[i] = f.normalized(in[i], batch, EPSILON).times(f.in("scale")[c]).plus(f.in("shift")[c]);
                }
                mean[c] = Formula.blend(mean[c], batch.mean(), WEIGHT);
                variance[c] = Formula.blend(variance[c], batch.unbiased(), WEIGHT);
            }
        }
        f.out("y", y);
        f.loss("dy", y);
        f.out("running mean", mean);
        f.out("running variance", variance);
        Term[] later = Inference.of(f, grid, EPSILON);
        Arrays.setAll(later, i -> mask.at(grid, i) ? later[i] : f.number(0));
        f.out("inferred", later);
    }

    @Override
    public void close() {
        plan.close();
    }
}
