package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What wisdom files keep, and that nothing but whole wisdom files counts. */
class WisdomTest {

    private static final Verdict VERDICT = new Verdict(Map.of("scalar", 60123.5, "simd", 7123.0));
    private static final String TEXT = """
            normkit wisdom 1
            machine here
              a problem, 1 thread, native = simd 7123.0, scalar 60123.5
            """;

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("sub").resolve("wisdom.txt");
    }

    private static Wisdom on(String machine, String... problems) {
        Wisdom wisdom = new Wisdom(null, machine);
        for (String problem : problems) {
            wisdom.remember(problem, VERDICT);
        }
        return wisdom;
    }

    private static Wisdom read(Path file, String machine) {
        Wisdom wisdom = new Wisdom(null, machine);
        assertTrue(wisdom.importFrom(file));
        return wisdom;
    }

    @Test
    void aFileIsTextForPeople() throws IOException {
        on("here", "a problem, 1 thread, native").exportTo(file());
        String text = Files.readString(file());
        assertEquals(TEXT, text.lines().limit(3).map(line -> line + "\n").collect(Collectors.joining()));
        assertTrue(text.lines().skip(3).toList().getFirst().matches("end 1 problems, checksum [0-9a-f]{8}"), text);
        assertEquals(Optional.of(VERDICT), read(file(), "here").find("a problem, 1 thread, native"));
    }

    @Test
    void theFastestComesFirst() {
        assertEquals(List.of("simd", "scalar"), List.copyOf(VERDICT.nanoseconds().keySet()));
    }

    @Test
    void wisdomOfAnotherMachineIsKeptButNotUsed() throws IOException {
        on("there", "p").exportTo(file());
        Wisdom here = read(file(), "here");
        assertEquals(Optional.empty(), here.find("p"));
        assertEquals(0, here.size());
        here.remember("q", VERDICT);
        here.exportTo(file());
        assertEquals(Optional.of(VERDICT), read(file(), "there").find("p"));
        assertEquals(Optional.of(VERDICT), read(file(), "here").find("q"));
    }

    @Test
    void exportingAddsAndReplacesByProblem() throws IOException {
        on("here", "p", "q").exportTo(file());
        Verdict newer = new Verdict(Map.of("simd", 1.0));
        Wisdom later = new Wisdom(null, "here");
        later.remember("q", newer);
        later.remember("r", newer);
        later.exportTo(file());
        Wisdom all = read(file(), "here");
        assertEquals(3, all.size());
        assertEquals(Optional.of(VERDICT), all.find("p"));
        assertEquals(Optional.of(newer), all.find("q"));
        assertEquals(Optional.of(newer), all.find("r"));
    }

    @Test
    void mergingTakesTheOtherSide() {
        Wisdom wisdom = on("here", "p");
        Wisdom other = new Wisdom(null, "here");
        Verdict newer = new Verdict(Map.of("simd", 1.0));
        other.remember("p", newer);
        wisdom.merge(other);
        assertEquals(Optional.of(newer), wisdom.find("p"));
        wisdom.forget();
        assertEquals(0, wisdom.size());
        assertEquals(1, other.size());
    }

    @Test
    void wisdomWithAFileWritesWhatItLearns() throws IOException {
        new Wisdom(file(), "here").remember("p", VERDICT);
        assertEquals(Optional.of(VERDICT), read(file(), "here").find("p"));
        assertEquals(Set.of("wisdom.txt", "wisdom.txt.lock"), names(file().getParent()));
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void everyTruncatedFileIsIgnored() throws IOException {
        on("here", "p", "q").exportTo(file());
        byte[] whole = Files.readAllBytes(file());
        // The last line end may be missing; then nothing is.
        for (int length = 0; length < whole.length - 1; length++) {
            Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, length));
            Wisdom wisdom = new Wisdom(null, "here");
            assertFalse(wisdom.importFrom(cut), "cut to " + length);
            assertEquals(0, wisdom.size());
        }
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        on("here", "p").exportTo(file());
        byte[] whole = Files.readAllBytes(file());
        for (int bit = 0; bit < (whole.length - 1) * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Path flipped = Files.write(directory.resolve("flipped"), damaged);
            assertFalse(new Wisdom(null, "here").importFrom(flipped), "bit " + bit);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"  p = simd -1.0", "  p = simd NaN", "  p = simd Infinity", "  p = simd 0", "  p = simd",
        "  p simd 1.0", "  p = simd 1.0, simd 2.0", "p = simd 1.0", "  p = simd one", "machine"})
    void entriesThatMakeNoSenseAreRefusedWhateverTheChecksum(String line) {
        String text = "normkit wisdom 1\nmachine here\n" + line + "\n";
        String end = endOf(text, 1);
        assertTrue(assertThrows(WisdomFile.Unusable.class, () -> WisdomFile.parse(text + end)).replaceable());
    }

    @Test
    void aCountThatDoesNotFitIsRefused() throws Exception {
        assertEquals(1, WisdomFile.parse(TEXT + endOf(TEXT, 1)).size());
        assertThrows(WisdomFile.Unusable.class, () -> WisdomFile.parse(TEXT + endOf(TEXT, 2)));
    }

    private static String endOf(String text, int count) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "end " + count + " problems, checksum " + "%08x".formatted(crc.getValue()) + "\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Dear diary", "normkit wisdom 2\nsomething newer\n", "normkit wisdom 1.5\n"})
    void aFileThatIsNotOursOrNewerIsIgnoredAndNeverOverwritten(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("other"), text);
        assertFalse(new Wisdom(null, "here").importFrom(file));
        assertFalse(Wisdom.replaceable(file));
        String message = assertThrows(IOException.class, () -> on("here", "p").exportTo(file)).getMessage();
        assertTrue(message.contains("is not overwritten"), message);
        assertEquals(text, Files.readString(file));
    }

    @Test
    void damagedWisdomIsReplaced() throws IOException {
        Path file = Files.writeString(directory.resolve("damaged"), "normkit wisdom 1\nmachine here\n");
        on("here", "p").exportTo(file);
        assertEquals(Optional.of(VERDICT), read(file, "here").find("p"));
    }

    @Test
    void whatIsNoTextOrMissingIsIgnored() throws IOException {
        Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertFalse(new Wisdom(null, "here").importFrom(binary));
        assertFalse(new Wisdom(null, "here").importFrom(directory.resolve("missing")));
        assertFalse(new Wisdom(null, "here").importFrom(directory));
    }

    @Test
    void processesThatWriteAtOnceLoseNothing() throws Exception {
        int processes = 3;
        int entries = 40;
        List<Process> writers = new ArrayList<>();
        for (int p = 0; p < processes; p++) {
            writers.add(new Child(directory, WisdomWriter.class, Map.of()).start(file().toString(), "writer" + p,
                    Integer.toString(entries)));
        }
        for (Process writer : writers) {
            Child.output(writer);
        }
        Wisdom all = read(file(), "here");
        assertEquals(processes * entries, all.size());
        for (int p = 0; p < processes; p++) {
            for (int i = 0; i < entries; i++) {
                assertEquals(Optional.of(new Verdict(Map.of("simd", i + 1.0))), all.find("writer" + p + " " + i));
            }
        }
        assertEquals(Set.of("wisdom.txt", "wisdom.txt.lock"), names(file().getParent()));
    }

    @Test
    void threadsThatWriteAtOnceLoseNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Wisdom wisdom = new Wisdom(file(), "here");
            String name = "thread" + t;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 20; i++) {
                    wisdom.remember(name + " " + i, VERDICT);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(80, read(file(), "here").size());
    }

    @Test
    void theMachineIsOneLineAndDependsOnTheBackends() {
        String here = Fingerprint.of("cpu | model\n", "jvm", "normkit 1",
                new Roster(List.of(new FakeBackends.Choosy(), new FakeBackends.Absent()), List.of()));
        assertEquals("cpu   model | jvm | normkit 1 | absent, choosy edition 7", here);
        assertEquals(1, Fingerprint.here(Backends.roster()).lines().count());
        assertTrue(Fingerprint.here(Backends.roster()).matches(".+ \\| .+ \\| normkit \\S+ \\| scalar"),
                Fingerprint.here(Backends.roster()));
    }

    @Test
    void theCpuIsItsModelAndItsFeatures() throws IOException {
        String info =
                "processor : 0\nmodel name : Best CPU\ncpu family : 6\nmodel : 7\nstepping : 8\nflags : avx sse\n";
        String cpu = Fingerprint.cpu(Files.writeString(directory.resolve("a"), info));
        assertTrue(cpu.matches("Best CPU 6 7 8, features [0-9a-f]{8}"), cpu);
        String reordered = info.replace("avx sse", "sse avx") + "processor : 1\nmodel name : Other\n";
        assertEquals(cpu, Fingerprint.cpu(Files.writeString(directory.resolve("b"), reordered)));
        String more = info.replace("avx sse", "avx sse avx512f");
        assertFalse(cpu.equals(Fingerprint.cpu(Files.writeString(directory.resolve("c"), more))));
        assertTrue(Fingerprint.cpu(directory.resolve("missing")).endsWith(" processors"));
    }
}
