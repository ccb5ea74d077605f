package normkit.conformance.catalogue;

import java.util.stream.IntStream;
import normkit.conformance.parts.Term;
import normkit.tables.ColumnMoments;
import normkit.tables.Standardization;
import normkit.tensor.Tensor;

/** scikit-learn's StandardScaler: (x − mean)/σ by column, gathered in two parts; its inverse; mean and σ are constants. */
final class StandardizationExercise implements Exercise {

    private final int columns;
    private final boolean unbiased;
    private final Tensor x;
    private final Tensor more;
    private final Tensor z;
    private final Desk.Pair transform;
    private final Tensor restored;
    private final Desk.Pair backward;

    StandardizationExercise(Desk desk) {
        columns = (int) desk.x().axis(desk.x().rank() - 1);
        unbiased = desk.which().variant().equals("unbiased");
        x = desk.data("x", desk.x());
        more = desk.data("more", desk.x());
        z = desk.normal("z", desk.x());
        desk.normal("dy", desk.x());
        transform = desk.onto("x", "y");
        restored = desk.output("restored", desk.x());
        backward = desk.onto("dy", "dx");
    }

    @Override
    public void run() {
        ColumnMoments moments = ColumnMoments.over(columns);
        ColumnMoments rest = ColumnMoments.over(columns);
        moments.add(x);
        rest.add(more);
        moments.merge(rest);
        Standardization.Fitted fitted = Standardization.create()
                .variance(unbiased ? Standardization.Variance.UNBIASED : Standardization.Variance.BIASED).fit(moments);
        fitted.transform(transform.in(), transform.out());
        fitted.inverse(z, restored);
        fitted.backward(backward.in(), backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Term[] back = new Term[in.length];
        for (int c = 0; c < columns; c++) {
            int column = c;
            int[] own = IntStream.range(0, in.length).filter(i -> i % columns == column).toArray();
            Term[] all = IntStream.concat(IntStream.of(own), IntStream.of(own).map(i -> in.length + i))
                    .mapToObj(i -> i < in.length ? in[i] : f.in("more")[i - in.length]).toArray(Term[]::new);
            Formula.Moments moments = f.moments(all, IntStream.range(0, all.length).toArray());
            Term variance = f.constant(unbiased ? moments.unbiased() : moments.variance());
            Term mean = f.constant(moments.mean());
            Term deviation = variance.value().value() == 0 ? f.number(1) : variance.root();
            for (int i : own) {
                y[i] = f.difference(in[i], mean, deviation.value().value()).over(deviation);
                back[i] = f.in("z")[i].times(deviation).plus(mean);
            }
        }
        f.out("y", y);
        f.loss("dy", y);
        f.out("restored", back);
    }
}
