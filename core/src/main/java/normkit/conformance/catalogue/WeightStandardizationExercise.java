package normkit.conformance.catalogue;

import java.util.Locale;
import normkit.conformance.parts.Term;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.weights.WeightStandardization;

/** Qiao et al. 2019, Brock et al. 2021: γ·(v − mean)·r over the weights of an output. */
final class WeightStandardizationExercise implements Exercise {

    private final Lines lines;
    private final WeightStandardization.Convention convention;
    private final WeightStandardization.Plan plan;
    private final Tensor v;
    private final Tensor gain;
    private final Tensor w;
    private final Desk.Pair backward;
    private final Tensor dgain;
    private final Statistics saved;

    WeightStandardizationExercise(Desk desk) {
        String[] variant = desk.which().variant().split("_");
        int axis = variant[1].equals("first") ? 0 : desk.x().rank() - 1;
        lines = new Lines(desk.x(), axis);
        convention = WeightStandardization.Convention.valueOf(variant[0].toUpperCase(Locale.ROOT));
        boolean gains = variant.length > 2;
        WeightStandardization description = WeightStandardization.of(convention).dim(axis);
        plan = (gains ? description.withGain() : description).plan(desk.x(), desk.options());
        v = desk.data("v", desk.x());
        desk.normal("dw", desk.x());
        gain = gains ? desk.normal("gain", plan.parameterSpec()) : null;
        w = desk.output("w", desk.x());
        backward = desk.onto("dw", "dv");
        dgain = gains ? desk.output("dgain", plan.parameterSpec()) : null;
        saved = plan.allocateStatistics();
    }

    @Override
    public void run() {
        plan.forward(v, gain, w, saved);
        plan.backward(backward.in(), v, gain, saved, backward.out(), dgain);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("v");
        Term[] out = new Term[in.length];
        for (int row = 0; row < lines.rows(); row++) {
            Formula.Moments moments = f.moments(in, lines.ofRow(row));
            Term factor = factor(f, moments);
            double deviation = 1 / factor.value().value();
            for (int i : lines.ofRow(row)) {
                Term standard = f.difference(in[i], moments.mean(), deviation).times(factor);
                out[i] = gain == null ? standard : standard.times(f.in("gain")[row]);
            }
        }
        f.out("w", out);
        f.loss("dw", out);
    }

    /** r; where all weights are equal, a constant. */
    private Term factor(Formula f, Formula.Moments moments) {
        double epsilon = convention.epsilon();
        Term variance = moments.variance();
        boolean equal = variance.value().value() == 0;
        return switch (convention) {
            case DEVIATION -> f.number(1).over(equal ? f.number(epsilon) : moments.unbiased().root().plus(epsilon));
            case ROOT -> variance.plus(epsilon).reciprocalRoot();
            case SCALED -> {
                Term scaled = variance.times(moments.count());
                yield (scaled.value().value() > epsilon ? scaled : f.number(epsilon)).reciprocalRoot();
            }
        };
    }

    @Override
    public void close() {
        plan.close();
    }
}
