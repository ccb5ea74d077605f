package normkit.geometry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionTest {

    @ParameterizedTest
    @CsvSource({"1, 16", "17, 16", "1024, 16", "1025, 17", "16384, 256"})
    void chunksAreFewAndLarge(long blocks, long blocksPerChunk) {
        assertEquals(blocksPerChunk, Lanes.blocksPerChunk(blocks));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 8", "1024, 1, 1", "1025, 2, 1", "49, 1, 8", "128, 1, 8", "129, 1, 4", "384, 1, 2", "3136, 4, 1"})
    void runsAreCutOrGathered(long length, long blocksPerRun, long runsPerBlock) {
        Runs planes = Runs.planes(64, 3, length);
        assertEquals(blocksPerRun, planes.blocksPerRun());
        assertEquals(runsPerBlock, planes.runsPerBlock());
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "3, 96", "17, 272", "64, 64", "100, 400", "1024, 1024", "2047, 2047"})
    void narrowMatricesAreReadAsWiderOnes(int cols, int width) {
        assertEquals(width, new Columns(1, 1000, cols, 1).width());
    }
}
