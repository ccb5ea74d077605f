package normkit.conformance.catalogue;

import normkit.conformance.parts.Term;
import normkit.techniques.SwitchableNorm;
import normkit.tensor.Statistics;

/** Luo et al. 2018: means and variances of instance, layer and batch, averaged with softmax weights. */
final class SwitchableExercise extends MixingExercise {

    private static final double EPSILON = 1e-5;
    private static final int KINDS = 3;

    private final SwitchableNorm.Plan plan;
    private final Statistics saved;
    private final SwitchableNorm.Parameters parameters;
    private final SwitchableNorm.Parameters gradients;

    SwitchableExercise(Desk desk) {
        super(desk);
        plan = SwitchableNorm.create().plan(desk.x(), desk.options());
        saved = plan.newStatistics();
        double range = desk.which().variant().equals("plain") ? 1 : 8;
        parameters = new SwitchableNorm.Parameters(scale, shift,
                desk.uniform("mean logits", desk.vector(KINDS), -range, range),
                desk.uniform("variance logits", desk.vector(KINDS), -range, range));
        gradients = new SwitchableNorm.Parameters(dscale, dshift, desk.output("dmean logits", desk.vector(KINDS)),
                desk.output("dvariance logits", desk.vector(KINDS)));
    }

    @Override
    public void run() {
        plan.infer(x, parameters, given, inferred);
        plan.train(forward.in(), parameters, forward.out(), saved, running());
        plan.backward(backward.in(), x, parameters, saved, backward.out(), gradients);
    }

    @Override
    public void close() {
        plan.close();
    }

    @Override
    double weight() {
        return 0.1;
    }

    @Override
    Term collected(Formula.Moments batch) {
        return batch.variance();
    }

    private static Term[] softmax(Formula f, Term[] logits) {
        Term[] weights = new Term[KINDS];
        for (int k = 0; k < KINDS; k++) {
            weights[k] = logits[k].exp();
        }
        Term sum = f.sum(weights);
        for (int k = 0; k < KINDS; k++) {
            weights[k] = weights[k].over(sum);
        }
        return weights;
    }

    @Override
    Term[] normalized(Formula f, Statistic batch) {
        Term[] in = f.in("x");
        Term[] normalized = new Term[in.length];
        Term[] a = softmax(f, f.in("mean logits"));
        Term[] b = softmax(f, f.in("variance logits"));
        for (int n = 0; n < grid.samples(); n++) {
            Formula.Moments layer = f.moments(in, grid.ofSample(n));
            for (int c = 0; c < grid.channels(); c++) {
                Formula.Moments[] kinds = {f.moments(in, grid.of(n, c)), layer, batch.ofChannel(c)};
                Term[] means = new Term[KINDS];
                Term[] variances = new Term[KINDS];
                for (int k = 0; k < KINDS; k++) {
                    means[k] = kinds[k].mean().times(a[k]);
                    variances[k] = kinds[k].variance().times(b[k]);
                }
                Term mean = f.sum(means);
                Term variance = f.sum(variances);
                for (int i : grid.of(n, c)) {
                    normalized[i] = f.normalized(in[i], mean, variance, EPSILON);
                }
            }
        }
        return normalized;
    }
}
