package normkit.onednn;

import normkit.spi.Cost;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Layout;

/** What oneDNN's implementations take, by the class their names tell. */
final class Costs {

    /** Copies of arrays to native memory and back. */
    private static final double STAGING = 50;

    private Costs() {
    }

    /** Adds the cost to an answer of oneDNN. */
    static Support priced(Support support, Problem problem) {
        return support instanceof Support.Supported s ? s.at(of(s.implementation(), problem)) : support;
    }

    /** The answer oneDNN usually gives. */
    static Support forecast(Problem problem) {
        String implementation = usual(problem);
        return new Support.Supported(implementation, of(implementation, problem));
    }

    private static String usual(Problem problem) {
        boolean backward = problem.pass().backward();
        return switch (problem.operation()) {
            case LAYER_NORM, RMS_NORM -> "jit:uni";
            case BATCH_NORM ->
                planes(problem) ? "ncsp_bnorm:any" : problem.x().channels() % 8 == 0 ? "bnorm_jit" : "nspc_bnorm:any";
            case GROUP_NORM, INSTANCE_NORM ->
                backward ? "ref:any" : planes(problem) ? "ncsp_gnorm:any" : "jit_group:uni";
        };
    }

    private static boolean planes(Problem problem) {
        return problem.x().layout() == Layout.CHANNELS_FIRST && problem.x().spatial() > 1;
    }

    private static Cost of(String implementation, Problem problem) {
        return Cost.UNKNOWN;
    }
}
