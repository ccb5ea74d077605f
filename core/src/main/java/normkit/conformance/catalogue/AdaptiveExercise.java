package normkit.conformance.catalogue;

import normkit.conformance.parts.Term;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Huang, Belongie 2017: α·(σ(s)·(x − μ(x))/σ(x) + μ(s)) + (1 − α)·x, the style in a size and layout of its own. */
final class AdaptiveExercise implements Exercise {

    private static final double EPSILON = 1e-5;
    private static final double BLEND = 0.75;

    private final boolean unbiased;
    private final double strength;
    private final Grid grid;
    private final Grid styleGrid;
    private final AdaptiveInstanceNorm.Plan plan;
    private final Tensor x;
    private final Tensor style;
    private final Tensor measured;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dstyle;
    private final Statistics savedContent;
    private final Statistics savedStyle;

    AdaptiveExercise(Desk desk) {
        unbiased = desk.which().variant().equals("unbiased");
        strength = desk.which().variant().equals("plain") ? 1 : BLEND;
        TensorSpec x = desk.x();
        TensorSpec other = x.layout() == Layout.CHANNELS_LAST
                ? TensorSpec.of(x.type(), Layout.CHANNELS_FIRST, x.batch(), x.channels(), 3, 4)
                : TensorSpec.of(x.type(), Layout.CHANNELS_LAST, x.batch(), 5, x.channels());
        grid = new Grid(x);
        styleGrid = new Grid(other);
        AdaptiveInstanceNorm norm = AdaptiveInstanceNorm.create().strength(strength);
        plan = (unbiased ? norm.unbiased() : norm).plan(x, other, desk.options());
        this.x = desk.data("x", x);
        style = desk.normal("style", other);
        desk.normal("dy", x);
        measured = desk.output("measured", x);
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        dstyle = desk.output("dstyle", other);
        savedContent = plan.newStatistics();
        savedStyle = plan.newStatistics();
    }

    @Override
    public void run() {
        plan.measure(style, savedStyle);
        plan.forward(x, savedStyle, measured);
        plan.forward(forward.in(), style, forward.out(), savedContent, savedStyle);
        plan.backward(backward.in(), x, style, savedContent, savedStyle, backward.out(), dstyle);
    }

    @Override
    public void formula(Formula f) {
        Term[] content = f.in("x");
        Term[] y = new Term[content.length];
        for (int n = 0; n < grid.samples(); n++) {
            for (int c = 0; c < grid.channels(); c++) {
                Formula.Moments from = f.moments(content, grid.of(n, c));
                Formula.Moments to = f.moments(f.in("style"), styleGrid.of(n, c));
                Term deviation = variance(to).plus(EPSILON).root();
                for (int i : grid.of(n, c)) {
                    Term z = f.normalized(content[i], from.mean(), variance(from), EPSILON).times(deviation)
                            .plus(to.mean());
                    // What is blended in is (1 − α)·(x − mean) + (1 − α)·mean, in one pass with the rest.
                    Term kept = content[i].times(1 - strength).sized((1 - strength) * from.mean().size());
                    y[i] = z.times(strength).plus(kept);
                }
            }
        }
        f.out("y", y);
        f.out("measured", y);
        f.loss("dy", y);
    }

    private Term variance(Formula.Moments moments) {
        return unbiased ? moments.unbiased() : moments.variance();
    }

    @Override
    public void close() {
        plan.close();
    }
}
