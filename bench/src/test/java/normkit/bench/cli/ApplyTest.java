package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import normkit.bench.files.Element;
import normkit.bench.files.TensorFile;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code apply} against results that NumPy computed in long double: see make_fixtures.py, make_technique_fixtures.py and
 * make_fused_fixtures.py.
 */
class ApplyTest {

    @TempDir
    Path directory;

    static Stream<String> cases() throws IOException {
        return Stream
                .of(lines("/apply/cases.txt", 80), lines("/apply/techniques.txt", 80), lines("/apply/fused.txt", 14))
                .flatMap(lines -> lines);
    }

    private static Stream<String> lines(String resource, int least) throws IOException {
        try (InputStream in = ApplyTest.class.getResourceAsStream(resource)) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            assertTrue(lines.size() >= least, "only " + lines.size() + " cases");
            return lines.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesNumPy(String line) throws IOException {
        String[] words = Cli.words(line);
        unpack(words[0] + ".npz");
        String[] arguments = Stream.concat(Stream.of("apply", "--out", "results"), Arrays.stream(words).skip(1))
                .toArray(String[]::new);
        Cli run = Cli.runIn(directory, arguments);
        assertEquals(new Cli(0, "", ""), run);
        assertEquals(names(directory.resolve("expected")), names(directory.resolve("results")));
        for (String name : names(directory.resolve("expected"))) {
            compare(name);
        }
    }

    private void unpack(String archive) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(ApplyTest.class.getResourceAsStream("/apply/" + archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = directory.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.readAllBytes());
            }
        }
    }

    private static TreeSet<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
        }
    }

    /** The result has x's type and the expected shape, and is as near as that type allows. */
    private void compare(String name) {
        try (Arena arena = Arena.ofConfined()) {
            TensorFile expected = TensorFile.read(directory.resolve("expected").resolve(name), arena);
            TensorFile actual = TensorFile.read(directory.resolve("results").resolve(name), arena);
            Element element = TensorFile.read(directory.resolve("x.npy"), arena).element();
            assertEquals(element, actual.element(), name);
            assertArrayEquals(expected.shape(), actual.shape(), name);
            Tensor e = expected.tensor(Layout.ROWS);
            Tensor a = actual.tensor(Layout.ROWS);
            double largest = 0;
            for (long i = 0; i < e.spec().elements(); i++) {
                largest = Math.max(largest, Math.abs(e.get(i)));
            }
            for (long i = 0; i < e.spec().elements(); i++) {
                assertEquals(e.get(i), a.get(i), bound(element) * largest, name + " at " + i);
            }
        }
    }

    /** A few ulps of the largest value; f2 is rounded once, at the end, so half an ulp and a bit. */
    private static double bound(Element element) {
        return switch (element) {
            case F2 -> 0x1.01p-11;
            case F4 -> 0x1p-22;
            case F8 -> 0x1p-50;
        };
    }
}
