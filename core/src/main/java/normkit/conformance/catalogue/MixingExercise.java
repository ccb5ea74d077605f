package normkit.conformance.catalogue;

import normkit.RunningStatistics;
import normkit.conformance.parts.Term;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * What mixes statistics of the batch with those of single samples: training, with running statistics, and inference. Plans and
 * parameters are of other types for each technique.
 */
abstract class MixingExercise implements Exercise {

    final Grid grid;
    final Tensor x;
    final Desk.Pair forward;
    final Desk.Pair backward;
    final Tensor inferred;
    final Statistics given;
    final Tensor scale;
    final Tensor shift;
    final Tensor dscale;
    final Tensor dshift;
    private final Tensor runningMean;
    private final Tensor runningVariance;

    MixingExercise(Desk desk) {
        grid = new Grid(desk.x());
        TensorSpec perChannel = desk.vector(grid.channels());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        inferred = desk.output("inferred", desk.x());
        given = Statistics.meanAndVariance(desk.uniform("given mean", perChannel, -1, 1),
                desk.uniform("given variance", perChannel, 0.3, 2));
        scale = desk.normal("scale", perChannel);
        shift = desk.normal("shift", perChannel);
        dscale = desk.output("dscale", perChannel);
        dshift = desk.output("dshift", perChannel);
        runningMean = desk.updated("running mean", perChannel, -1, 1);
        runningVariance = desk.updated("running variance", perChannel, 0.3, 2);
    }

    final RunningStatistics running() {
        return new RunningStatistics(runningMean, runningVariance, 0);
    }

    /** How much a batch counts in running statistics. */
    abstract double weight();

    /** What of a batch running variances take in. */
    abstract Term collected(Formula.Moments batch);

    /** What is multiplied with γ, for all elements. */
    abstract Term[] normalized(Formula f, Statistic statistic);

    /** Statistics of the batch: its own, or given ones. */
    interface Statistic {
        Formula.Moments ofChannel(int channel);
    }

    @Override
    public final void formula(Formula f) {
        Term[] in = f.in("x");
        Formula.Moments[] batch = new Formula.Moments[grid.channels()];
        Term[] mean = new Term[batch.length];
        Term[] variance = new Term[batch.length];
        for (int c = 0; c < batch.length; c++) {
            batch[c] = f.moments(in, grid.ofChannel(c));
            mean[c] = Formula.blend(f.in("running mean")[c], batch[c].mean(), weight());
            variance[c] = Formula.blend(f.in("running variance")[c], collected(batch[c]), weight());
        }
        f.out("running mean", mean);
        f.out("running variance", variance);
        Term[] y = affine(f, normalized(f, c -> batch[c]));
        f.out("y", y);
        f.loss("dy", y);
        f.out("inferred", affine(f,
                normalized(f, c -> new Formula.Moments(f.in("given mean")[c], f.in("given variance")[c], 1))));
    }

    private Term[] affine(Formula f, Term[] normalized) {
        Term[] y = new Term[normalized.length];
        for (int i = 0; i < y.length; i++) {
            int c = grid.channel(i);
            y[i] = normalized[i].times(f.in("scale")[c]).plus(f.in("shift")[c]);
        }
        return y;
    }
}
