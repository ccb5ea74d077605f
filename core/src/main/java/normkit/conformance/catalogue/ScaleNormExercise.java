package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.conformance.parts.Term;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Nguyen, Salazar 2019: g·x/√(‖x‖² + ε). */
final class ScaleNormExercise implements Exercise {

    private static final double EPSILON = 1e-10;

    private final int length;
    private final ScaleNorm.Plan plan;
    private final Tensor x;
    private final Tensor g;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dg;
    private final Statistics saved;

    ScaleNormExercise(Desk desk) {
        long[] shape = desk.x().shape();
        int from = desk.which().variant().equals("last_axis") ? shape.length - 1 : 1;
        length = (int) desk.x().product(from, shape.length);
        plan = ScaleNorm.over(Arrays.copyOfRange(shape, from, shape.length)).plan(desk.x(), desk.options());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        g = desk.normal("g", plan.parameterSpec());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        dg = desk.output("dg", plan.parameterSpec());
        saved = new Statistics(null, null, Tensor.allocate(plan.statisticsSpec().as(DataType.F64)));
    }

    @Override
    public void run() {
        plan.forward(forward.in(), g, forward.out(), saved);
        plan.backward(backward.in(), x, g, saved, backward.out(), dg);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        for (int row = 0; row < in.length; row += length) {
            Term[] squares = new Term[length];
            for (int j = 0; j < length; j++) {
                squares[j] = in[row + j].times(in[row + j]);
            }
            Term factor = f.sum(squares).plus(EPSILON).reciprocalRoot().times(f.in("g")[0]);
            for (int j = 0; j < length; j++) {
                y[row + j] = in[row + j].times(factor);
            }
        }
        f.out("y", y);
        f.loss("dy", y);
    }

    @Override
    public void close() {
        plan.close();
    }
}
