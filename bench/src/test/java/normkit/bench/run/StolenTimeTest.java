package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts as Linux writes them: user, nice, system, idle, waiting for disks, two kinds of interrupts, stolen, guests. */
class StolenTimeTest {

    @TempDir
    private Path directory;

    private Path counts(String line) throws IOException {
        return Files.writeString(directory.resolve("stat"), line + "\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    }

    @Test
    void itIsAShareOfWhatWasWantedSinceThen() throws IOException {
        StolenTime stolen = new StolenTime(counts("cpu  1000 10 100 9000 50 1 2 300 7 8"));
        assertEquals(OptionalDouble.of(0), stolen.share());
        assertEquals(Optional.empty(), StolenTime.complaint(stolen.share()));
        // 60 + 1 + 10 + 3 + 1 + 25 of 100 that were wanted; idle, waiting and guests do not count.
        counts("cpu  1060 11 110 9777 99 4 3 325 77 88");
        assertEquals(OptionalDouble.of(0.25), stolen.share());
        assertEquals(Optional
                .of("the host of this virtual machine gave 25% of the processor time that was wanted to others; "
                        + "times are too long, and not all alike"),
                StolenTime.complaint(stolen.share()));
    }

    @Test
    void littleIsNotWorthAWord() throws IOException {
        StolenTime stolen = new StolenTime(counts("cpu 0 0 0 0 0 0 0 0 0 0"));
        counts("cpu 99 0 0 0 0 0 0 1 0 0");
        assertEquals(OptionalDouble.of(0.01), stolen.share());
        assertEquals(Optional.empty(), StolenTime.complaint(stolen.share()));
    }

    @Test
    void itIsUnknownWhereNobodyCounts() throws IOException {
        assertEquals(OptionalDouble.empty(), new StolenTime(directory.resolve("none")).share());
        assertEquals(OptionalDouble.empty(), new StolenTime(counts("cpu 1 2 3 4")).share());
        assertEquals(OptionalDouble.empty(), new StolenTime(counts("cpu a b c d e f g h i j")).share());
        assertEquals(Optional.empty(), StolenTime.complaint(OptionalDouble.empty()));
    }
}
