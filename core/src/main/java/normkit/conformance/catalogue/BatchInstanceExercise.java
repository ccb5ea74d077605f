package normkit.conformance.catalogue;

import normkit.conformance.parts.Term;
import normkit.techniques.BatchInstanceNorm;
import normkit.tensor.Statistics;

/** Nam, Kim 2018: γ·(ρ·x̂ᴮ + (1 − ρ)·x̂ᴵ) + β. */
final class BatchInstanceExercise extends MixingExercise {

    private static final double EPSILON = 1e-5;

    private final BatchInstanceNorm.Plan plan;
    private final Statistics saved;
    private final BatchInstanceNorm.Parameters parameters;
    private final BatchInstanceNorm.Parameters gradients;

    BatchInstanceExercise(Desk desk) {
        super(desk);
        plan = BatchInstanceNorm.create().plan(desk.x(), desk.options());
        saved = plan.newStatistics();
        double least = desk.which().variant().equals("batch") ? 1 : 0;
        double most = desk.which().variant().equals("instance") ? 0 : 1;
        parameters = new BatchInstanceNorm.Parameters(scale, shift,
                desk.uniform("gate", scale.spec(), least, Math.nextUp(most)));
        gradients = new BatchInstanceNorm.Parameters(dscale, dshift, desk.output("dgate", scale.spec()));
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
        return batch.unbiased();
    }

    @Override
    Term[] normalized(Formula f, Statistic batch) {
        Term[] in = f.in("x");
        Term[] normalized = new Term[in.length];
        for (int n = 0; n < grid.samples(); n++) {
            for (int c = 0; c < grid.channels(); c++) {
                Formula.Moments instance = f.moments(in, grid.of(n, c));
                Term gate = f.in("gate")[c];
                for (int i : grid.of(n, c)) {
                    Term ofBatch = f.normalized(in[i], batch.ofChannel(c), EPSILON).times(gate);
                    Term rest = f.number(1).minus(gate);
                    normalized[i] = ofBatch.plus(f.normalized(in[i], instance, EPSILON).times(rest));
                }
            }
        }
        return normalized;
    }
}
