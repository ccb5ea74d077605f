package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.RunningStatistics;
import normkit.conformance.parts.Term;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Salimans, Kingma 2016: y = x − mean + β over the batch. */
final class MeanOnlyExercise implements Exercise {

    private static final double WEIGHT = 0.1;

    private final Grid grid;
    private final MeanOnlyBatchNorm.Plan plan;
    private final Tensor x;
    private final Tensor shift;
    private final Tensor given;
    private final Tensor inferred;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dshift;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    MeanOnlyExercise(Desk desk) {
        grid = new Grid(desk.x());
        boolean shifts = desk.which().variant().equals("plain");
        MeanOnlyBatchNorm norm = MeanOnlyBatchNorm.create();
        plan = (shifts ? norm : norm.withoutShift()).plan(desk.x(), desk.options());
        TensorSpec perChannel = plan.parameterSpec();
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        shift = shifts ? desk.normal("shift", perChannel) : null;
        given = desk.uniform("given mean", perChannel, -1, 1);
        inferred = desk.output("inferred", desk.x());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        dshift = shifts ? desk.output("dshift", perChannel) : null;
        runningMean = desk.updated("running mean", perChannel, -1, 1);
        runningVariance = desk.updated("running variance", perChannel, 0.3, 2);
    }

    @Override
    public void run() {
        plan.infer(x, shift, given, inferred);
        plan.train(forward.in(), shift, forward.out(), new RunningStatistics(runningMean, runningVariance, 0));
        plan.backward(backward.in(), backward.out(), dshift);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Term[] later = new Term[in.length];
        Term[] mean = new Term[grid.channels()];
        for (int c = 0; c < grid.channels(); c++) {
            Formula.Moments batch = f.moments(in, grid.ofChannel(c));
            double deviation = Math.sqrt(batch.variance().value().value());
            for (int i : grid.ofChannel(c)) {
                y[i] = shifted(f, f.difference(in[i], batch.mean(), deviation), c);
                later[i] = shifted(f, f.difference(in[i], f.in("given mean")[c], deviation), c);
            }
            mean[c] = Formula.blend(f.in("running mean")[c], batch.mean(), WEIGHT);
        }
        f.out("y", y);
        f.loss("dy", y);
        f.out("inferred", later);
        f.out("running mean", mean);
        // The spread is not looked at.
        f.out("running variance", Arrays.copyOf(f.in("running variance"), grid.channels()));
    }

    private Term shifted(Formula f, Term centred, int channel) {
        return shift == null ? centred : centred.plus(f.in("shift")[channel]);
    }

    @Override
    public void close() {
        plan.close();
    }
}
