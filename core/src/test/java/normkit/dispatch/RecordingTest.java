package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are there when somebody records them, cost nothing otherwise, and need no module. */
class RecordingTest {

    @TempDir
    private Path directory;

    @Test
    void eventsAreRecordedOnRequestAndCostNothingOtherwise() throws Exception {
        String file = directory.resolve("recording.jfr").toString();
        List<String> lines = new Child(directory, RecordingProbe.class, Map.of()).run(file).lines().toList();
        assertEquals("unrecorded: 0 bytes", lines.get(0));
        assertEquals("not wanted: 0 bytes", lines.get(1));
        List<String> events = lines.stream().filter(line -> line.startsWith("normkit.")).toList();
        assertEquals(List.of(
                "normkit.Planning layer_norm forward F32 ROWS 2x4 scale shift eps 1.0E-5 | scalar scalar ONLY true true",
                "normkit.Planning layer_norm backward F32 ROWS 2x4 scale shift eps 1.0E-5 | scalar scalar ONLY true true",
                "normkit.Execution layer_norm FORWARD F32 ROWS 2x4 | scalar scalar true"), events,
                () -> String.join("\n", lines));
    }

    @Test
    void theModuleNeedNotBeThere() throws Exception {
        String output = new Child(directory, DispatchProbe.class, Map.of())
                .with(List.of("--limit-modules", "java.base,java.logging")).run("layer");
        assertTrue(output.contains("runs on scalar"), output);
    }
}
