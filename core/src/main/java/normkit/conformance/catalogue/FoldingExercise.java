package normkit.conformance.catalogue;

import normkit.conformance.parts.Term;
import normkit.techniques.BatchNormFolding;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Jacob et al. 2018: W′ = W·γ/σ and b′ = (b − mean)·γ/σ + β, γ and σ those of the output a weight leads to. */
final class FoldingExercise implements Exercise {

    private static final double EPSILON = 1e-5;

    private final TensorSpec spec;
    private final int axis;
    private final int groups;
    private final Tensor scale;
    private final Tensor shift;
    private final Statistics given;
    private final Desk.Pair weight;
    private final Desk.Pair bias;

    FoldingExercise(Desk desk) {
        spec = desk.x();
        axis = desk.which().variant().equals("outputs_first") ? 0 : 1;
        groups = desk.which().variant().equals("transposed_in_groups") ? (int) spec.axis(0) : 1;
        TensorSpec perOutput = desk.vector(spec.axis(axis) * groups);
        desk.data("weight", spec);
        desk.normal("bias", perOutput);
        scale = desk.normal("scale", perOutput);
        shift = desk.normal("shift", perOutput);
        given = Statistics.meanAndVariance(desk.uniform("given mean", perOutput, -1, 1),
                desk.uniform("given variance", perOutput, 0.3, 2));
        weight = desk.onto("weight", "folded weight");
        bias = desk.onto("bias", "folded bias");
    }

    @Override
    public void run() {
        BatchNormFolding.of(EPSILON, given, scale, shift).fold(weight.in(), axis, groups, bias.in(), weight.out(),
                bias.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] factor = new Term[f.in("scale").length];
        Term[] foldedBias = new Term[factor.length];
        for (int c = 0; c < factor.length; c++) {
            factor[c] = f.in("scale")[c].times(f.in("given variance")[c].plus(EPSILON).reciprocalRoot());
            foldedBias[c] = f.in("bias")[c].minus(f.in("given mean")[c]).times(factor[c]).plus(f.in("shift")[c]);
        }
        Term[] w = f.in("weight");
        Term[] foldedWeight = new Term[w.length];
        int outputs = (int) spec.axis(axis);
        for (int i = 0; i < w.length; i++) {
            int group = i / (w.length / groups);
            int output = (int) (i / spec.product(axis + 1, spec.rank()) % outputs);
            foldedWeight[i] = w[i].times(factor[group * outputs + output]);
        }
        f.out("folded weight", foldedWeight);
        f.out("folded bias", foldedBias);
    }
}
