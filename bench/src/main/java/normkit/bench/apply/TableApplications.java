package normkit.bench.apply;

import normkit.bench.files.BadInputException;
import normkit.tables.ColumnMoments;
import normkit.tables.ColumnRange;
import normkit.tables.MinMaxScaling;
import normkit.tables.Standardization;
import normkit.tensor.TensorSpec;

/** {@code apply} of the scaling of a table's columns, with the statistics of that table. */
final class TableApplications {

    private TableApplications() {
    }

    static Results standardization(Run run) {
        ColumnMoments moments = ColumnMoments.over(columns(run));
        moments.add(run.x);
        Standardization.Fitted fitted = Standardization.create().fit(moments);
        return run.plain(fitted::transform, fitted::backward);
    }

    static Results minMax(Run run) {
        ColumnRange seen = ColumnRange.over(columns(run));
        seen.add(run.x);
        MinMaxScaling.Fitted fitted =
                Run.with(MinMaxScaling.create(), run.own.range, TableApplications::range).fit(seen);
        return run.plain(fitted::transform, fitted::backward);
    }

    private static MinMaxScaling range(MinMaxScaling scaling, double[] range) {
        if (range.length != 2) {
            throw new BadInputException("--range has " + range.length + " numbers; it must be low,high");
        }
        return scaling.range(range[0], range[1]);
    }

    private static int columns(Run run) {
        TensorSpec spec = run.x.spec();
        return Math.toIntExact(spec.axis(spec.rank() - 1));
    }
}
