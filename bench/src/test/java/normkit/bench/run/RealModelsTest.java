package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import normkit.spi.Problem;
import org.junit.jupiter.api.Test;

class RealModelsTest {

    @Test
    void bothLayoutsHaveTheSameShapes() {
        List<String> all = RealModels.problems().stream().map(Problem::toString).toList();
        assertEquals(all.size(), new HashSet<>(all).size());
        assertTrue(all.contains("batch_norm inference F32 CHANNELS_FIRST 50x64x112x112 scale shift eps 1.0E-5"));
        assertTrue(all.contains("batch_norm frozen_backward F32 CHANNELS_LAST 50x112x112x64 scale shift eps 1.0E-5"));
        assertTrue(all.contains("batch_norm forward F32 CHANNELS_LAST 4x15000x128 scale shift eps 1.0E-5"));
        assertTrue(all.contains("instance_norm backward F32 CHANNELS_LAST 6x2x28x28x256 scale shift eps 1.0E-5"));
        assertTrue(all.contains("rms_norm backward F32 ROWS 512x8192 scale eps 1.0E-5"));
        // Without spatial axes both layouts are one.
        assertEquals(4, all.stream().filter(name -> name.contains(" 256x1024 ")).count());
    }
}
