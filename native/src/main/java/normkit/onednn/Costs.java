package normkit.onednn;

import normkit.spi.Cost;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * What oneDNN's implementations take, by the class their names tell. The command {@code regret --costs} measures and fits these
 * numbers; {@code -Dnormkit.onednn.maxIsa} brings forth the implementations for older CPUs.
 */
final class Costs {

    /** Copies of arrays to native memory and back. */
    private static final double STAGING = 37;

    /** Of twice the threads, memory has not twice the bandwidth. */
    private static final double DIVIDED = 0.9;

    /** The same of what is fast enough to wait for memory. */
    private static final double FAST_DIVIDED = 0.65;

    /** The same of batch norm channels-last on a server of 256-bit vectors, which gained nearly all of a second thread. */
    private static final double EIGHTS_DIVIDED = 0.98;

    /** It takes eight channels at a time: of so many it was slow at inference, and of so many slower at gradients. */
    private static final int SOME_EIGHTS = 128;
    private static final int MANY_EIGHTS = 1024;

    /** To wake its threads and wait for them. */
    private static final double TEAM = 700;

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
            case BATCH_NORM -> problem.hasPlanes()
                    ? "ncsp_bnorm:any"
                    : problem.x().channels() % 8 == 0 ? "bnorm_jit:avx512_core" : "nspc_bnorm:any";
            case GROUP_NORM, INSTANCE_NORM ->
                backward ? "ref:any" : problem.hasPlanes() ? "ncsp_gnorm:any" : "jit_group:uni";
        };
    }

    /** By class, as the names begin; of others nothing is known. */
    private static Cost of(String implementation, Problem problem) {
        return inPlace(implementation, problem).staged(STAGING).perTeam(TEAM);
    }

    private static Cost inPlace(String implementation, Problem problem) {
        Pass pass = problem.pass();
        if (implementation.startsWith("jit:")) {
            return rows(pass).dividing(FAST_DIVIDED);
        }
        if (implementation.startsWith("bnorm_jit:avx512")) {
            return batchLast(pass).dividing(FAST_DIVIDED);
        }
        if (implementation.startsWith("bnorm_jit")) {
            return eights(pass, problem.x().channels()).dividing(EIGHTS_DIVIDED);
        }
        if (implementation.startsWith("bnorm_tbb_jit")) {
            return eightsOfBlocks(pass, problem.x().channels()).dividing(EIGHTS_DIVIDED);
        }
        return slower(implementation, pass).dividing(DIVIDED);
    }

    /** What seldom waits for memory. */
    private static Cost slower(String implementation, Pass pass) {
        if (implementation.startsWith("nspc_bnorm")) {
            return plainBatchLast(pass);
        }
        if (implementation.startsWith("ncsp_bnorm")) {
            return plainBatchFirst(pass);
        }
        if (implementation.startsWith("ncsp_gnorm")) {
            return Cost.perKiB(150, 152, 152).perRun(4.2);
        }
        if (implementation.startsWith("jit_group")) {
            // It reads some columns at a time, and slows down without measure as the sample outgrows the caches.
            return Cost.perKiB(28.3, 80, 523).perCall(24_750).spilling(115);
        }
        if (implementation.startsWith("jit_instance")) {
            // It reads x three times: with 300 MB of third level, an Intel server took 1.2 to 1.5 times as long as simd's two.
            return Cost.perKiB(25.8, 26.2, 60).perCall(841).spilling(141).crossingMesh(20);
        }
        if (implementation.startsWith("simple")) {
            return Cost.perKiB(550, 570, 570).perCall(950);
        }
        // Reference code, slower than anything.
        return implementation.startsWith("ref") ? Cost.perKiB(3650, 3700, 4000) : Cost.UNKNOWN;
    }

    private static Cost rows(Pass pass) {
        return pass.backward()
                ? Cost.perKiB(13.3, 21.4, 62.2).perCall(539).perRun(19.2).perParameter(2.07).spilling(449)
                : Cost.perKiB(13.6, 20.3, 45).perCall(753).perRun(9.71).spilling(304);
    }

    private static Cost batchLast(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(18.9, 27.5, 53.7).perCall(1003).perRun(2.66);
            case INFERENCE -> Cost.perKiB(12.2, 14.6, 23.7).perCall(569).perRun(7.34);
            case BACKWARD -> Cost.perKiB(11.7, 21.8, 49.1).perCall(735).perRun(10.3).perParameter(0.19);
            case FROZEN_BACKWARD -> Cost.perKiB(11.2, 20, 37.9).perCall(1099).perRun(2.4);
        };
    }

    private static Cost eights(Pass pass, long channels) {
        if (pass == Pass.FORWARD) {
            return Cost.perKiB(24, 78, 110).perCall(800);
        }
        return channels < SOME_EIGHTS ? Cost.perKiB(15, 18, 28).perCall(800) : Cost.perKiB(50, 50, 50).perCall(800);
    }

    private static Cost eightsOfBlocks(Pass pass, long channels) {
        boolean many = channels >= MANY_EIGHTS;
        return switch (pass) {
            case FORWARD -> Cost.perKiB(250, 250, 250).perCall(800);
            case INFERENCE -> Cost.perKiB(240, 240, 240).perCall(800);
            case BACKWARD -> (many ? Cost.perKiB(48, 53, 92) : Cost.perKiB(48, 44, 77)).perCall(800);
            case FROZEN_BACKWARD -> (many ? Cost.perKiB(31, 40, 72) : Cost.perKiB(31, 33, 60)).perCall(800);
        };
    }

    private static Cost plainBatchLast(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(253, 253, 253).perCall(70_000);
            case INFERENCE -> Cost.perKiB(226, 226, 226).perCall(25_000);
            case BACKWARD -> Cost.perKiB(279, 279, 279).perCall(70_000);
            case FROZEN_BACKWARD -> Cost.perKiB(173, 173, 173).perCall(50_000);
        };
    }

    private static Cost plainBatchFirst(Pass pass) {
        return switch (pass) {
            case FORWARD -> Cost.perKiB(124, 142, 175).perCall(680).perRun(9.2);
            case INFERENCE -> Cost.perKiB(64.5, 67.4, 87.9).perCall(200).perRun(11.9);
            case BACKWARD -> Cost.perKiB(116, 144, 158).perCall(3700).perRun(35.9);
            // Of planes of 7x7 in 20 MB, next to simd, it takes half as much again where the third level is far.
            case FROZEN_BACKWARD -> Cost.perKiB(35, 48.2, 77.1).perCall(2100).perRun(12.3).crossingMesh(34);
        };
    }
}
