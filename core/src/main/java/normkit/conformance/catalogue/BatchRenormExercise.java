package normkit.conformance.catalogue;

import normkit.RunningStatistics;
import normkit.conformance.parts.Term;
import normkit.techniques.BatchRenorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Ioffe 2017: y = γ·((x − μ_B)/σ_B·r + d) + β, with r and d clipped and constant; σ is averaged over batches. */
final class BatchRenormExercise implements Exercise {

    private static final double EPSILON = 1e-5;
    private static final double WEIGHT = 0.1;

    private final Grid grid;
    private final BatchRenorm.Limits limits;
    private final BatchRenorm.Plan plan;
    private final BatchRenorm.Saved saved;
    private final Tensor x;
    private final Tensor scale;
    private final Tensor shift;
    private final RunningStatistics given;
    private final Tensor inferred;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dscale;
    private final Tensor dshift;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    BatchRenormExercise(Desk desk) {
        grid = new Grid(desk.x());
        limits = switch (desk.which().variant()) {
            case "paper" -> BatchRenorm.Limits.PAPER;
            case "narrow" -> new BatchRenorm.Limits(1.05, 0.1);
            default -> BatchRenorm.Limits.BATCH_NORM;
        };
        plan = BatchRenorm.create().plan(desk.x(), desk.options());
        saved = BatchRenorm.Saved.allocate(grid.channels());
        TensorSpec perChannel = plan.parameterSpec();
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        scale = desk.normal("scale", perChannel);
        shift = desk.normal("shift", perChannel);
        given = new RunningStatistics(desk.uniform("given mean", perChannel, -1, 1),
                desk.uniform("given variance", perChannel, 0.3, 2), 0);
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
        plan.infer(x, scale, shift, given, inferred);
        plan.train(forward.in(), scale, shift, forward.out(), saved,
                new RunningStatistics(runningMean, runningVariance, 0), limits);
        plan.backward(backward.in(), x, scale, saved, backward.out(), dscale, dshift);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Term[] mean = new Term[grid.channels()];
        Term[] variance = new Term[grid.channels()];
        for (int c = 0; c < grid.channels(); c++) {
            Formula.Moments batch = f.moments(in, grid.ofChannel(c));
            Term deviation = batch.variance().plus(EPSILON).root();
            Term oldDeviation = f.in("running variance")[c].plus(EPSILON).root();
            Term oldMean = f.in("running mean")[c];
            Term r = clipped(f, deviation.over(oldDeviation), 1 / limits.rMax(), limits.rMax());
            Term d = clipped(f, batch.mean().minus(oldMean).over(oldDeviation), -limits.dMax(), limits.dMax());
            for (int i : grid.ofChannel(c)) {
                Term z = f.normalized(in[i], batch, EPSILON).times(r).plus(d);
                y[i] = z.times(f.in("scale")[c]).plus(f.in("shift")[c]);
            }
            mean[c] = Formula.blend(oldMean, batch.mean(), WEIGHT);
            Term average = Formula.blend(oldDeviation, deviation, WEIGHT);
            variance[c] = average.times(average).plus(-EPSILON);
        }
        f.out("y", y);
        f.loss("dy", y);
        f.out("running mean", mean);
        f.out("running variance", variance);
        f.out("inferred", Inference.of(f, grid, EPSILON));
    }

    private static Term clipped(Formula f, Term value, double least, double most) {
        double v = value.value().value();
        return f.constant(v < least ? f.number(least) : v > most ? f.number(most) : value);
    }

    @Override
    public void close() {
        plan.close();
    }
}
