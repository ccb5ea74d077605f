package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.conformance.parts.Term;
import normkit.tensor.Tensor;
import normkit.weights.SpectralNorm;
import normkit.weights.SpectralVectors;

/** Miyato et al. 2018: W/(uᵀWv) after steps of power iteration v ← Wᵀu/‖Wᵀu‖, u ← Wv/‖Wv‖; u and v are constants. */
final class SpectralExercise implements Exercise {

    private final Lines lines;
    private final int iterations;
    private final SpectralNorm.Plan plan;
    private final Desk desk;
    private final Tensor weight;
    private final Desk.Pair train;
    private final Tensor inferred;
    private final Desk.Pair backward;

    SpectralExercise(Desk desk) {
        int axis = desk.which().variant().startsWith("last") ? desk.x().rank() - 1 : 0;
        this.desk = desk;
        lines = new Lines(desk.x(), axis);
        iterations = desk.which().variant().endsWith("twice") ? 2 : 1;
        plan = SpectralNorm.create().dim(axis).iterations(iterations).plan(desk.x());
        weight = desk.data("weight", desk.x());
        desk.normal("dw", desk.x());
        // Far from one another, but surely not at a right angle to where they have to go.
        desk.uniform("u", desk.vector(lines.rows()), 0.1, 1);
        desk.uniform("v", desk.vector(lines.columns()), 0.1, 1);
        train = desk.onto("weight", "w");
        inferred = desk.output("inferred", desk.x());
        backward = desk.onto("dw", "dweight");
    }

    @Override
    public void run() {
        SpectralVectors vectors = new SpectralVectors(desk.values().get("u"), desk.values().get("v"));
        plan.train(train.in(), vectors, train.out());
        plan.infer(weight, vectors, inferred);
        plan.backward(backward.in(), weight, vectors, backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("weight");
        Term[] u = f.in("u");
        Term[] v = null;
        for (int step = 0; step < iterations; step++) {
            v = unit(f, product(f, in, u, false));
            u = unit(f, product(f, in, v, true));
        }
        Term[] left = constants(f, u);
        Term[] right = constants(f, v);
        Term[] image = product(f, in, right, true);
        Term[] products = new Term[image.length];
        Arrays.setAll(products, i -> image[i].times(left[i]));
        Term sigma = f.sum(products);
        Term[] w = Arrays.stream(in).map(element -> element.over(sigma)).toArray(Term[]::new);
        f.out("w", w);
        f.out("inferred", w);
        f.loss("dw", w);
    }

    /** W·vector, or Wᵀ·vector. */
    private Term[] product(Formula f, Term[] matrix, Term[] vector, boolean rows) {
        Term[] result = new Term[rows ? lines.rows() : lines.columns()];
        for (int r = 0; r < result.length; r++) {
            int[] along = rows ? lines.ofRow(r) : lines.ofColumn(r);
            result[r] = f.sum(
                    Arrays.stream(along).mapToObj(i -> matrix[i].times(vector[rows ? lines.column(i) : lines.row(i)]))
                            .toArray(Term[]::new));
        }
        return result;
    }

    private static Term[] unit(Formula f, Term[] vector) {
        Term[] squares = Arrays.stream(vector).map(element -> element.times(element)).toArray(Term[]::new);
        Term factor = f.sum(squares).reciprocalRoot();
        return Arrays.stream(vector).map(element -> element.times(factor)).toArray(Term[]::new);
    }

    private static Term[] constants(Formula f, Term[] vector) {
        return Arrays.stream(vector).map(f::constant).toArray(Term[]::new);
    }

    @Override
    public void close() {
        plan.close();
    }
}
