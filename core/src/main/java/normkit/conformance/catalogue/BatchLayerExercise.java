package normkit.conformance.catalogue;

import normkit.conformance.parts.Term;
import normkit.techniques.BatchLayerNorm;
import normkit.tensor.Statistics;

/** Ziaee, Çano 2022: γ·(a·x̂ᴸ + b·x̂ᴮ) + β with a = (1/m − δ)/√d and b = (1 − 1/m − δ)/√d. */
final class BatchLayerExercise extends MixingExercise {

    private static final double EPSILON = 1e-3;
    private static final double DELTA = 1e-4;
    private static final int OTHER_SIZE = 7;

    private final double batchSize;

    private final BatchLayerNorm.Plan plan;
    private final Statistics saved;
    private final BatchLayerNorm.Parameters parameters;
    private final BatchLayerNorm.Parameters gradients;

    BatchLayerExercise(Desk desk) {
        super(desk);
        boolean plain = desk.which().variant().equals("plain");
        BatchLayerNorm norm = BatchLayerNorm.create();
        plan = (plain ? norm : norm.batchSize(OTHER_SIZE)).plan(desk.x(), desk.options());
        batchSize = plain ? grid.samples() : OTHER_SIZE;
        saved = plan.newStatistics();
        parameters = new BatchLayerNorm.Parameters(scale, shift);
        gradients = new BatchLayerNorm.Parameters(dscale, dshift);
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

    /** The average of all batches, of which this is the first. */
    @Override
    double weight() {
        return 1;
    }

    @Override
    Term collected(Formula.Moments batch) {
        return batch.unbiased();
    }

    @Override
    Term[] normalized(Formula f, Statistic batch) {
        Term[] in = f.in("x");
        Term[] normalized = new Term[in.length];
        Term root = f.number(grid.channels()).reciprocalRoot();
        Term inverse = f.number(1).over(batchSize);
        Term a = inverse.plus(-DELTA).times(root);
        Term b = f.number(1).minus(inverse).plus(-DELTA).times(root);
        for (int n = 0; n < grid.samples(); n++) {
            Formula.Moments layer = f.moments(in, grid.ofSample(n));
            for (int i : grid.ofSample(n)) {
                Term ofLayer = f.normalized(in[i], layer, EPSILON).times(a);
                Formula.Moments ofBatch = batch.ofChannel(grid.channel(i));
                normalized[i] = ofLayer.plus(f.normalized(in[i], ofBatch, EPSILON).times(b));
            }
        }
        return normalized;
    }
}
