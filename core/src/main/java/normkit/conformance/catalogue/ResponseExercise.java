package normkit.conformance.catalogue;

import java.util.stream.IntStream;
import normkit.conformance.parts.Term;
import normkit.techniques.LocalResponseNorm;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Krizhevsky et al. 2012: x/(k + a·Σx²)^β over a window of channels, or of places; what is outside counts as 0. */
final class ResponseExercise implements Exercise {

    private final LocalResponseNorm.Plan plan;
    private final TensorSpec spec;
    private final Grid grid;
    private final Setting setting;
    private final Tensor x;
    private final Desk.Pair forward;
    private final Desk.Pair backward;

    /** A description and what it means: the window goes {@code below} and {@code above} the middle. */
    private record Setting(LocalResponseNorm norm, boolean within, int size, int below, int above, double alpha,
            boolean mean, double beta, double k) {}

    ResponseExercise(Desk desk) {
        spec = desk.x();
        grid = new Grid(spec);
        setting = setting(desk.which().variant());
        plan = setting.norm.plan(spec);
        x = desk.data("x", spec);
        desk.normal("dy", spec);
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
    }

    private static Setting setting(String variant) {
        LocalResponseNorm even = LocalResponseNorm.acrossChannels(4).alpha(0.5, LocalResponseNorm.Alpha.MEAN);
        return switch (variant) {
            case "pytorch" -> new Setting(LocalResponseNorm.acrossChannels(5), false, 5, 2, 2, 1e-4, true, 0.75, 1);
            case "alexnet" ->
                new Setting(LocalResponseNorm.acrossChannels(5).alpha(1e-4, LocalResponseNorm.Alpha.SUM).k(2), false, 5,
                        2, 2, 1e-4, false, 0.75, 2);
            case "even_above" ->
                new Setting(even.even(LocalResponseNorm.Even.ABOVE).beta(0.5), false, 4, 1, 2, 0.5, true, 0.5, 1);
            case "even_below" ->
                new Setting(even.even(LocalResponseNorm.Even.BELOW).beta(1), false, 4, 2, 1, 0.5, true, 1, 1);
            case "even_narrow" ->
                new Setting(even.even(LocalResponseNorm.Even.NARROW).beta(0.6), false, 4, 1, 1, 0.5, true, 0.6, 1);
            default -> new Setting(LocalResponseNorm.withinChannel(3).alpha(0.5, LocalResponseNorm.Alpha.MEAN), true, 3,
                    1, 1, 0.5, true, 0.75, 1);
        };
    }

    @Override
    public void run() {
        plan.forward(forward.in(), forward.out());
        plan.backward(backward.in(), x, backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        int spatialAxes = spec.rank() - 2;
        double full = setting.within ? Math.pow(setting.size, spatialAxes) : setting.size;
        Term a = setting.mean ? f.number(setting.alpha).over(full) : f.number(setting.alpha);
        for (int i = 0; i < y.length; i++) {
            int middle = i;
            Term[] squares = IntStream.range(0, y.length).filter(j -> inWindow(middle, j))
                    .mapToObj(j -> in[j].times(in[j])).toArray(Term[]::new);
            Term s = f.sum(squares).times(a).plus(setting.k);
            y[i] = in[i].times(s.power(-setting.beta));
        }
        f.out("y", y);
        f.loss("dy", y);
    }

    private boolean inWindow(int middle, int other) {
        if (grid.sample(middle) != grid.sample(other)) {
            return false;
        }
        if (!setting.within) {
            return grid.place(middle) == grid.place(other) && near(grid.channel(middle), grid.channel(other));
        }
        if (grid.channel(middle) != grid.channel(other)) {
            return false;
        }
        int a = grid.place(middle);
        int b = grid.place(other);
        for (int axis = spec.rank() - 1, left = spec.rank() - 2; left > 0; left--, axis--) {
            int length = (int) spec.axis(first() ? axis : axis - 1);
            if (!near(a % length, b % length)) {
                return false;
            }
            a /= length;
            b /= length;
        }
        return true;
    }

    private boolean first() {
        return spec.layout() == Layout.CHANNELS_FIRST;
    }

    private boolean near(int middle, int other) {
        return other >= middle - setting.below && other <= middle + setting.above;
    }

    @Override
    public void close() {
        plan.close();
    }
}
