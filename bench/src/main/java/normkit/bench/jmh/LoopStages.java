package normkit.bench.jmh;

import normkit.tables.ColumnMoments;
import normkit.tables.ColumnRange;
import normkit.tables.MinMaxScaling;
import normkit.tables.Standardization;
import normkit.techniques.LocalResponseNorm;
import normkit.techniques.LpNorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Sets up techniques over activations and tables that have loops of their own. */
final class LoopStages {

    private static final double ALPHA = 0.5;

    private LoopStages() {
    }

    static void euclidean(Stage stage) {
        lp(stage, 2);
    }

    static void cubic(Stage stage) {
        lp(stage, 3);
    }

    private static void lp(Stage stage, double p) {
        LpNorm.Plan plan = LpNorm.of(p).plan(stage.spec);
        stage.closing(plan::close);
        stage.passes(() -> plan.forward(stage.x, stage.y), () -> plan.backward(stage.dy, stage.x, stage.dx));
        Formulas.Lengths lengths = new Formulas.Lengths(stage.x, null, p);
        stage.expect("y", lengths::forward);
        stage.expect("dx", () -> lengths.backward(stage.dy));
    }

    /** AlexNet's, but with α so large that a wrong window shows. */
    static void acrossChannels(Stage stage) {
        LocalResponseNorm norm = LocalResponseNorm.acrossChannels(5).alpha(ALPHA, LocalResponseNorm.Alpha.SUM).k(2);
        response(stage, norm, new Formulas.Response(stage.x, ALPHA, 2, 0, 2, 0, 0));
    }

    /** Caffe's, likewise. */
    static void withinChannel(Stage stage) {
        LocalResponseNorm norm = LocalResponseNorm.withinChannel(3).alpha(ALPHA, LocalResponseNorm.Alpha.SUM);
        response(stage, norm, new Formulas.Response(stage.x, ALPHA, 1, 0, 0, 1, 1));
    }

    private static void response(Stage stage, LocalResponseNorm norm, Formulas.Response formula) {
        LocalResponseNorm.Plan plan = norm.plan(stage.spec);
        stage.closing(plan::close);
        stage.passes(() -> plan.forward(stage.x, stage.y), () -> plan.backward(stage.dy, stage.x, stage.dx));
        stage.expect("y", formula::forward);
        stage.expect("dx", () -> formula.backward(stage.dy));
    }

    private static int columns(Stage stage) {
        return Math.toIntExact(stage.spec.axis(1));
    }

    static void columnMoments(Stage stage) {
        int columns = columns(stage);
        Tensor means = stage.output("mean", TensorSpec.rows(columns));
        Tensor variances = stage.output("variance", TensorSpec.rows(columns));
        stage.passes(() -> {
            ColumnMoments moments = ColumnMoments.over(columns);
            moments.add(stage.x);
            for (int c = 0; c < columns; c++) {
                means.set(c, moments.mean(c));
                variances.set(c, moments.variance(c));
            }
        }, null);
        Formulas.Columns formula = new Formulas.Columns(stage.x);
        stage.expect("mean", formula::means);
        stage.expect("variance", formula::variances);
    }

    static void standardization(Stage stage) {
        ColumnMoments moments = ColumnMoments.over(columns(stage));
        moments.add(stage.x);
        Standardization.Fitted fitted = Standardization.create().fit(moments);
        stage.passes(() -> fitted.transform(stage.x, stage.y), () -> fitted.backward(stage.dy, stage.dx));
        Formulas.Columns formula = new Formulas.Columns(stage.x);
        stage.expect("y", () -> formula.scaled(stage.x, formula.means(), formula.deviations()));
        stage.expect("dx", () -> formula.scaled(stage.dy, null, formula.deviations()));
    }

    static void minMax(Stage stage) {
        ColumnRange range = ColumnRange.over(columns(stage));
        range.add(stage.x);
        MinMaxScaling.Fitted fitted = MinMaxScaling.create().fit(range);
        stage.passes(() -> fitted.transform(stage.x, stage.y), () -> fitted.backward(stage.dy, stage.dx));
        Formulas.Columns formula = new Formulas.Columns(stage.x);
        stage.expect("y", () -> formula.scaled(stage.x, formula.least(), formula.spans()));
        stage.expect("dx", () -> formula.scaled(stage.dy, null, formula.spans()));
    }
}
