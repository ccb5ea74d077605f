package normkit.bench.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import normkit.bench.run.RegretRow;
import normkit.bench.run.Workload;
import normkit.dispatch.Decision;

/**
 * What a planner chose for a problem, and what that cost.
 *
 * @param operation usual name of the operation
 * @param pass direction
 * @param layout meaning of the axes
 * @param shape axis lengths
 * @param groups groups of channels
 * @param threads number of threads
 * @param effort {@code estimate} or {@code measure}
 * @param chosen name of the backend it chose
 * @param best name of the fastest backend
 * @param ratio time of the chosen backend in those of the fastest; infinite if the chosen one is wrong
 */
record Choice(String operation, String pass, String layout, String shape, String groups, int threads, String effort,
        String chosen, String best, double ratio) {

    Workload workload() {
        return new Workload(operation, pass, layout, shape, groups);
    }

    /** The choices of a row, one per effort. */
    static List<Choice> of(RegretRow row) {
        List<Choice> choices = new ArrayList<>();
        choices.add(of(row, row.estimate()));
        if (row.measure() != null) {
            choices.add(of(row, row.measure()));
        }
        return choices;
    }

    private static Choice of(RegretRow row, Decision decision) {
        Workload workload = Workload.of(row.problem());
        return new Choice(workload.operation(), workload.pass(), workload.layout(), workload.shape(), workload.groups(),
                decision.request().threads(), decision.request().effort().name().toLowerCase(Locale.ROOT),
                decision.chosen().name(), row.fastest(), row.regret(decision));
    }
}
