package normkit.conformance.catalogue;

import java.util.stream.IntStream;
import normkit.conformance.parts.Term;
import normkit.tables.ColumnRange;
import normkit.tables.MinMaxScaling;
import normkit.tensor.Tensor;

/** scikit-learn's MinMaxScaler: low + (x − least)/(largest − least)·(high − low) by column; the range is constant. */
final class MinMaxExercise implements Exercise {

    private final int columns;
    private final double low;
    private final double high;
    private final boolean clipped;
    private final Tensor x;
    private final Tensor z;
    private final Tensor probe;
    private final Tensor probed;
    private final Desk.Pair transform;
    private final Tensor restored;
    private final Desk.Pair backward;

    MinMaxExercise(Desk desk) {
        columns = (int) desk.x().axis(desk.x().rank() - 1);
        clipped = desk.which().variant().equals("clipped");
        low = clipped ? 0 : -1;
        high = clipped ? 1 : 3;
        x = desk.data("x", desk.x());
        probe = desk.normal("probe", desk.x());
        z = desk.uniform("z", desk.x(), low, high);
        desk.normal("dy", desk.x());
        transform = desk.onto("x", "y");
        probed = desk.output("probed", desk.x());
        restored = desk.output("restored", desk.x());
        backward = desk.onto("dy", "dx");
    }

    @Override
    public void run() {
        ColumnRange range = ColumnRange.over(columns);
        range.add(x);
        MinMaxScaling scaling = MinMaxScaling.create().range(low, high);
        MinMaxScaling.Fitted fitted = (clipped ? scaling.clipped() : scaling).fit(range);
        fitted.transform(transform.in(), transform.out());
        fitted.transform(probe, probed);
        fitted.inverse(z, restored);
        fitted.backward(backward.in(), backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Term[] others = new Term[in.length];
        Term[] back = new Term[in.length];
        for (int c = 0; c < columns; c++) {
            int column = c;
            int[] own = IntStream.range(0, in.length).filter(i -> i % columns == column).toArray();
            Term least = f.constant(extreme(in, own, 1));
            Term largest = f.constant(extreme(in, own, -1));
            Term width = largest.minus(least);
            Term factor = width.value().value() == 0 ? f.number(1) : f.number(high - low).over(width);
            for (int i : own) {
                y[i] = in[i].minus(least).times(factor).plus(low);
                Term other = f.in("probe")[i].minus(least).times(factor).plus(low);
                others[i] = clipped ? clip(f, other) : other;
                back[i] = f.in("z")[i].plus(-low).over(factor).plus(least);
            }
        }
        f.out("y", y);
        f.loss("dy", y);
        f.out("probed", others);
        f.out("restored", back);
    }

    private Term clip(Formula f, Term value) {
        double v = value.value().value();
        return v < low ? f.number(low) : v > high ? f.number(high) : value;
    }

    private static Term extreme(Term[] x, int[] own, int sign) {
        Term best = x[own[0]];
        for (int i : own) {
            if (sign * x[i].value().value() < sign * best.value().value()) {
                best = x[i];
            }
        }
        return best;
    }
}
