package normkit.conformance.catalogue;

import java.util.stream.IntStream;
import normkit.conformance.parts.Term;
import normkit.techniques.MeanVarianceNorm;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** ONNX's MeanVarianceNormalization: (x − mean)/√(variance + ε) over some axes. */
final class MeanVarianceExercise implements Exercise {

    private static final double EPSILON = 1e-5;

    private final Grid grid;
    private final String over;
    private final MeanVarianceNorm.Plan plan;
    private final Tensor x;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Statistics saved;

    MeanVarianceExercise(Desk desk) {
        grid = new Grid(desk.x());
        over = desk.which().variant();
        plan = norm(desk.x().rank()).epsilon(EPSILON).plan(desk.x(), desk.options());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        saved = Statistics.meanAndRstd(Tensor.allocate(plan.statisticsSpec().as(DataType.F64)),
                Tensor.allocate(plan.statisticsSpec().as(DataType.F64)));
    }

    private MeanVarianceNorm norm(int rank) {
        return switch (over) {
            case "across_channels" -> MeanVarianceNorm.acrossChannels();
            case "within_channel" -> MeanVarianceNorm.withinChannel();
            case "per_channel" -> MeanVarianceNorm.perChannel();
            default -> MeanVarianceNorm.over(IntStream.range(0, rank).toArray());
        };
    }

    private int set(int i) {
        return switch (over) {
            case "across_channels" -> grid.sample(i);
            case "within_channel" -> grid.sample(i) * grid.channels() + grid.channel(i);
            case "per_channel" -> grid.channel(i);
            default -> 0;
        };
    }

    @Override
    public void run() {
        plan.forward(forward.in(), forward.out(), saved);
        plan.backward(backward.in(), x, saved, backward.out());
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        int sets = IntStream.range(0, in.length).map(this::set).max().orElse(-1) + 1;
        for (int s = 0; s < sets; s++) {
            int set = s;
            int[] chosen = grid.where(i -> set(i) == set);
            Formula.Moments moments = f.moments(in, chosen);
            for (int i : chosen) {
                y[i] = f.normalized(in[i], moments, EPSILON);
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
