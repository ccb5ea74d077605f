package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.conformance.parts.Term;
import normkit.techniques.LpNorm;
import normkit.tensor.Tensor;

/** x/max((Σ|x|^p)^(1/p), ε) along an axis. */
final class LpNormExercise implements Exercise {

    private static final double EPSILON = 1e-12;

    private final double p;
    private final Lines lines;
    private final LpNorm.Plan plan;
    private final Tensor x;
    private final Tensor norms;
    private final Desk.Pair forward;
    private final Desk.Pair backward;

    LpNormExercise(Desk desk) {
        String[] variant = desk.which().variant().split("_");
        p = variant[0].equals("max") ? Double.POSITIVE_INFINITY : Double.parseDouble(variant[0].substring(1));
        int axis = variant[1].equals("first") ? 0 : desk.x().rank() - 1;
        lines = new Lines(desk.x(), axis);
        plan = LpNorm.of(p).axis(axis).plan(desk.x());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        norms = desk.output("norms", plan.statisticsSpec());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
    }

    @Override
    public void run() {
        plan.norms(x, norms);
        plan.forward(forward.in(), forward.out());
        plan.backward(backward.in(), x, backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Term[] lengths = new Term[lines.columns()];
        for (int column = 0; column < lengths.length; column++) {
            int[] along = lines.ofColumn(column);
            lengths[column] = norm(f, Arrays.stream(along).mapToObj(i -> in[i]).toArray(Term[]::new));
            boolean small = lengths[column].value().value() < EPSILON;
            for (int i : along) {
                y[i] = in[i].over(small ? f.number(EPSILON) : lengths[column]);
            }
        }
        f.out("norms", lengths);
        f.out("y", y);
        f.loss("dy", y);
    }

    private Term norm(Formula f, Term[] vector) {
        Term[] magnitudes = Arrays.stream(vector).map(Term::magnitude).toArray(Term[]::new);
        if (Double.isInfinite(p)) {
            return largest(f, magnitudes);
        }
        Term[] powers = Arrays.stream(magnitudes).map(this::power).toArray(Term[]::new);
        Term sum = f.sum(powers);
        return p == 1 || sum.value().value() == 0 ? sum : sum.power(1 / p);
    }

    private Term power(Term magnitude) {
        return p == 1 || magnitude.value().value() == 0 ? magnitude : magnitude.power(p);
    }

    /** The mean of those that are largest, so that the gradient is shared among them. */
    private static Term largest(Formula f, Term[] magnitudes) {
        double most = Arrays.stream(magnitudes).mapToDouble(m -> m.value().value()).max().orElse(0);
        Term[] ties = Arrays.stream(magnitudes).filter(m -> m.value().value() == most).toArray(Term[]::new);
        return f.sum(ties).over((double) ties.length);
    }

    @Override
    public void close() {
        plan.close();
    }
}
