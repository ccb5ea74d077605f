package normkit.conformance.catalogue;

import java.util.Arrays;
import java.util.stream.IntStream;
import normkit.conformance.parts.Term;
import normkit.tensor.Tensor;
import normkit.weights.WeightNorm;

/** Salimans, Kingma 2016: g·v/‖v‖, with a length for each position of an axis or a single one. */
final class WeightNormExercise implements Exercise {

    private final int[][] slices;
    private final WeightNorm.Plan plan;
    private final Tensor v;
    private final Tensor g;
    private final Tensor norms;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dg;

    WeightNormExercise(Desk desk) {
        int last = desk.x().rank() - 1;
        int axis = desk.which().variant().equals("last_axis") ? last : 0;
        boolean whole = desk.which().variant().equals("whole");
        Lines lines = new Lines(desk.x(), axis);
        slices = whole
                ? new int[][] {IntStream.range(0, (int) desk.x().elements()).toArray()}
                : IntStream.range(0, lines.rows()).mapToObj(lines::ofRow).toArray(int[][]::new);
        plan = (whole ? WeightNorm.create().overAll() : WeightNorm.create().dim(axis)).plan(desk.x());
        v = desk.data("v", desk.x());
        desk.normal("dw", desk.x());
        g = desk.normal("g", plan.parameterSpec());
        norms = desk.output("norms", plan.parameterSpec());
        forward = desk.onto("v", "w");
        backward = desk.onto("dw", "dv");
        dg = desk.output("dg", plan.parameterSpec());
    }

    @Override
    public void run() {
        plan.norms(v, norms);
        plan.forward(forward.in(), g, forward.out());
        plan.backward(backward.in(), v, g, backward.out(), dg);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("v");
        Term[] w = new Term[in.length];
        Term[] lengths = new Term[slices.length];
        for (int s = 0; s < slices.length; s++) {
            Term square = f.sum(Arrays.stream(slices[s]).mapToObj(i -> in[i].times(in[i])).toArray(Term[]::new));
            // Zeros have no direction.
            boolean zeros = square.value().value() == 0;
            Term reciprocal = zeros ? f.number(0) : square.reciprocalRoot();
            lengths[s] = zeros ? square : square.root();
            for (int i : slices[s]) {
                w[i] = in[i].times(reciprocal).times(f.in("g")[s]);
            }
        }
        f.out("norms", lengths);
        f.out("w", w);
        f.loss("dw", w);
    }

    @Override
    public void close() {
        plan.close();
    }
}
