package normkit.bench.cli;

import normkit.bench.files.BadInputException;
import normkit.tables.ColumnMoments;
import normkit.tables.ColumnRange;
import normkit.tables.MinMaxScaling;
import normkit.tables.Standardization;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** {@code apply} of the scaling of a table's columns, with the statistics of that table. */
final class TableApplications {

    private TableApplications() {
    }

    static Results standardization(TechniqueRun run) {
        ColumnMoments moments = ColumnMoments.over(columns(run));
        moments.add(run.x());
        Standardization.Fitted fitted = Standardization.create().fit(moments);
        Tensor result = run.likeX();
        if (run.backward()) {
            fitted.backward(run.dy(), result);
            return new Results().with("dx", result);
        }
        fitted.transform(run.x(), result);
        return new Results().with("y", result);
    }

    static Results minMax(TechniqueRun run) {
        double[] range = run.options().range == null ? new double[] {0, 1} : run.options().range;
        if (range.length != 2) {
            throw new BadInputException("--range has " + range.length + " numbers; it must be low,high");
        }
        ColumnRange seen = ColumnRange.over(columns(run));
        seen.add(run.x());
        MinMaxScaling.Fitted fitted = MinMaxScaling.create().range(range[0], range[1]).fit(seen);
        Tensor result = run.likeX();
        if (run.backward()) {
            fitted.backward(run.dy(), result);
            return new Results().with("dx", result);
        }
        fitted.transform(run.x(), result);
        return new Results().with("y", result);
    }

    private static int columns(TechniqueRun run) {
        TensorSpec spec = run.x().spec();
        return Math.toIntExact(spec.axis(spec.rank() - 1));
    }
}
