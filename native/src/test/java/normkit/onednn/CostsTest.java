package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.spi.Cost;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** A second thread gains what was measured: tables of implementation, pass, and microseconds on one thread and on two. */
class CostsTest {

    /** By two cores with AVX-512, on native tensors: shapes of real models, and some odd ones. */
    private static final String FAST = """
            jit:uni FORWARD 25.6 13.7
            jit:uni FORWARD 2518.9 1417.7
            jit:uni FORWARD 1729.7 1100.3
            jit:uni BACKWARD 52.9 37.8
            jit:uni BACKWARD 3815.6 3036.0
            bnorm_jit:avx512_core FORWARD 1477.1 1015.2
            bnorm_jit:avx512_core FORWARD 4338.2 2963.3
            bnorm_jit:avx512_core INFERENCE 706.9 637.9
            bnorm_jit:avx512_core INFERENCE 746.0 537.7
            bnorm_jit:avx512_core INFERENCE 243.1 122.8
            bnorm_jit:avx512_core BACKWARD 2119.2 1528.4
            """;

    private static final String SLOWER = """
            ncsp_bnorm:any FORWARD 9598.2 5345.7
            ncsp_bnorm:any FORWARD 3076.0 1476.3
            ncsp_bnorm:any INFERENCE 5336.8 2711.9
            ncsp_bnorm:any BACKWARD 13748.0 7531.4
            nspc_bnorm:any FORWARD 3311.3 2455.9
            nspc_bnorm:any INFERENCE 2783.3 1406.5
            nspc_bnorm:any BACKWARD 5275.5 7311.6
            ncsp_gnorm:any FORWARD 3892.2 1943.1
            ncsp_gnorm:any FORWARD 2127.6 1057.7
            ncsp_gnorm:any FORWARD 3193.6 1687.5
            ncsp_gnorm:any FORWARD 22.8 14.8
            ncsp_gnorm:any FORWARD 4233.5 2740.3
            jit_group:uni FORWARD 2117.2 654.2
            jit_instance:uni FORWARD 332.0 186.4
            jit_instance:uni FORWARD 572.6 293.7
            jit_instance:uni FORWARD 4.9 5.1
            jit_instance:uni FORWARD 5047.2 2224.3
            ref:any BACKWARD 5003.8 2692.3
            """;

    private static Cost cost(String implementation, Pass pass) {
        Problem problem =
                new Problem(Operation.BATCH_NORM, pass, TensorSpec.channelsLast(2, 4, 4, 32), 0, 0, true, true, 1e-5);
        return ((Support.Supported) Costs.priced(new Support.Supported(implementation), problem)).cost();
    }

    /** Time on two threads in what it was to be, given that on one. */
    private static double error(String line) {
        String[] words = line.split(" ");
        Cost cost = cost(words[0], Pass.valueOf(words[1]));
        double work = 1e3 * Double.parseDouble(words[2]) - cost.call();
        double predicted = cost.call() + cost.team() + work * (1 - cost.parallel() + cost.parallel() / 2);
        return 1e3 * Double.parseDouble(words[3]) / predicted;
    }

    private static double medianError(String table) {
        double[] errors = table.lines().mapToDouble(CostsTest::error).sorted().toArray();
        return (errors[(errors.length - 1) / 2] + errors[errors.length / 2]) / 2;
    }

    @Test
    void aSecondThreadGainsWhatWasMeasured() {
        assertEquals(1, medianError(FAST), 0.05);
        assertEquals(1, medianError(SLOWER), 0.05);
    }

    /** Those for older CPUs, too, of which little was measured. */
    @Test
    void whatWaitsForMemoryGainsLessAndNothingAllOfAThread() {
        for (Pass pass : Pass.values()) {
            for (String slower : List.of("bnorm_jit:avx2", "bnorm_jit:sse41", "bnorm_tbb_jit:avx2", "nspc_bnorm:any",
                    "simple:any", "ref:any")) {
                double share = cost(slower, pass).parallel();
                assertTrue(share < 1, slower);
                for (String fast : List.of("jit:uni", "bnorm_jit:avx512_core")) {
                    assertTrue(cost(fast, pass).parallel() < share, fast + " and " + slower);
                }
            }
        }
    }
}
