package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.dispatch.Backends;
import normkit.spi.Problem;
import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void tellsWhatResultsDependOn() {
        Machine machine = Machine.here();
        assertTrue(machine.flags().contains("--add-modules=jdk.incubator.vector"), machine.flags().toString());
        assertEquals(Build.here().version(), machine.versions().get("normkit"));
        assertEquals(Backends.named("onednn").backend().edition(), machine.versions().get("onednn"));
        assertFalse(machine.versions().containsKey("scalar"));
        List<Integer> levels = machine.caches().stream().map(Machine.Cache::level).toList();
        assertEquals(levels.stream().sorted().distinct().toList(), levels);
        assertTrue(machine.caches().stream().allMatch(c -> c.bytes() >= 1 << 10), machine.caches().toString());
    }

    @Test
    void theBuildKnowsItsVersionAndCommit() {
        assertTrue(Build.here().version().matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), Build.here().version());
        assertTrue(Build.here().commit().matches("unknown|[\\w.-]+"), Build.here().commit());
    }

    @Test
    void memoryIsCountedPerThread() {
        Problem forward = new Workload("layer_norm", "forward", "rows", "1024x1024", "0").problem();
        Problem backward = new Workload("layer_norm", "backward", "rows", "1024x1024", "0").problem();
        long x = 4L << 20;
        long parameters = 6 * 4096;
        assertEquals(3 * x + parameters, Memory.need(forward, 2) - Memory.need(forward, 1));
        assertEquals(4 * x + parameters, Memory.need(backward, 2) - Memory.need(backward, 1));
        Memory.require(1);
        long much = Memory.available() * 2;
        String message = assertThrows(IllegalStateException.class, () -> Memory.require(much)).getMessage();
        assertTrue(message.matches("it needs \\d+ MiB of memory, but only \\d+ are available"), message);
    }
}
