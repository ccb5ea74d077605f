package normkit.onednn;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Layout;

/** What oneDNN's implementations take, by the class their names tell. */
final class Costs {

    /** Copies of arrays to native memory and back. */
    private static final double STAGING = 37;

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

    /** By class, as the names begin; of others nothing is known. */
    private static Cost of(String implementation, Problem problem) {
        return inPlace(implementation, problem.pass()).staged(STAGING);
    }

    private static Cost inPlace(String implementation, Pass pass) {
        if (implementation.startsWith("jit:")) {
            return rows(pass);
        }
        if (implementation.startsWith("bnorm_jit")) {
            return batchLast(pass);
        }
        if (implementation.startsWith("nspc_bnorm")) {
            return plainBatchLast(pass);
        }
        if (implementation.startsWith("ncsp_bnorm")) {
            return plainBatchFirst(pass);
        }
        if (implementation.startsWith("ncsp_gnorm")) {
            return Cost.perKiB(94.5, 150, 150).perCall(6540).perRun(24.4);
        }
        if (implementation.startsWith("jit_group")) {
            return Cost.perKiB(36, 44, 300).perCall(20_000).spilling(300);
        }
        if (implementation.startsWith("jit_instance")) {
            return Cost.perKiB(25.8, 26.2, 60).perCall(841).spilling(141);
        }
        // Reference code, slower than anything.
        return implementation.startsWith("ref") ? Cost.perKiB(4000, 4000, 7000) : Cost.UNKNOWN;
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(12.7, 24, 62.2).perCall(538).perRun(12).perParameter(1.91).spilling(387)
                : Cost.perKiB(13.1, 20, 41.3).perCall(569).perRun(7.07).spilling(275);
    }

    private static Cost batchLast(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(7.52, 19.8, 50).perCall(438).perRun(119);
            case INFERENCE -> Cost.perKiB(10.9, 12.5, 22.5).perCall(517).perRun(19.4);
            case BACKWARD -> Cost.perKiB(6.17, 17.2, 41.8).perCall(680).perRun(77.1).perParameter(0.84);
            case FROZEN_BACKWARD -> Cost.perKiB(3.35, 16.2, 33.2).perCall(503).perRun(115).perParameter(1.19);
        };
    }

    private static Cost plainBatchLast(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(270, 270, 270).perCall(10_000);
            case INFERENCE -> Cost.perKiB(240, 240, 240).perCall(10_000);
            case BACKWARD -> Cost.perKiB(290, 290, 290).perCall(10_000);
            case FROZEN_BACKWARD -> Cost.perKiB(190, 190, 190).perCall(10_000);
        };
    }

    private static Cost plainBatchFirst(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(124, 145, 174).perCall(1318).perRun(5.1);
            case INFERENCE -> Cost.perKiB(64.6, 68.3, 88.5).perCall(210).perRun(11.9);
            case BACKWARD -> Cost.perKiB(132, 142, 161).perCall(1551).perRun(12.5);
            case FROZEN_BACKWARD -> Cost.perKiB(38.6, 49.8, 78.1).perCall(1826).perRun(5.79);
        };
    }
}
