package normkit.bench.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads files that NumPy wrote (see make_fixtures.py) and writes files as NumPy does. */
class TensorFileTest {

    private static final double[] VALUES = {0.5, -1.25, 3, 1e-3, 65504, -0.0};

    @TempDir
    Path directory;

    private Path resource(String name) throws IOException {
        Path file = directory.resolve(name);
        try (InputStream in = TensorFileTest.class.getResourceAsStream("/npy/" + name)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    private static double[] values(TensorFile file) {
        long elements = LongStream.of(file.shape()).reduce(1, (a, b) -> a * b);
        Tensor tensor = Tensor.of(TensorSpec.of(file.type(), Layout.ROWS, elements), file.data(), 0);
        return LongStream.range(0, elements).mapToDouble(tensor::get).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f2-little", "f2-big", "f4-little", "f4-big", "f8-little", "f8-big", "f2-little-fortran",
        "f2-big-fortran", "f4-little-fortran", "f4-big-fortran", "f8-little-fortran", "f8-big-fortran", "version2",
        "version3"})
    void readsEveryTypeOrderAndVersion(String name) throws IOException {
        Path path = resource(name + ".npy");
        try (Arena arena = Arena.ofConfined()) {
            TensorFile file = TensorFile.read(path, arena);
            Element element = name.startsWith("version")
                    ? Element.F4
                    : Element.valueOf(name.substring(0, 2).toUpperCase(Locale.ROOT));
            assertEquals(element, file.element());
            assertEquals(element == Element.F8 ? DataType.F64 : DataType.F32, file.type());
            assertArrayEquals(new long[] {2, 3}, file.shape());
            assertArrayEquals(Arrays.stream(VALUES).map(v -> round(element, v)).toArray(), values(file));
        }
    }

    private static double round(Element element, double value) {
        return switch (element) {
            case F2 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
            case F4 -> (float) value;
            case F8 -> value;
        };
    }

    @Test
    void turnsFortranOrderOfThreeAxes() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            TensorFile file = TensorFile.read(resource("cube-fortran.npy"), arena);
            assertArrayEquals(new long[] {2, 3, 4}, file.shape());
            assertArrayEquals(LongStream.range(0, 24).mapToDouble(i -> i).toArray(), values(file));
        }
    }

    @Test
    void readsScalarsVectorsAndEmptyTensors() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            TensorFile scalar = TensorFile.read(resource("scalar.npy"), arena);
            assertArrayEquals(new long[0], scalar.shape());
            assertArrayEquals(new double[] {2.5}, values(scalar));
            TensorFile vector = TensorFile.read(resource("vector.npy"), arena);
            assertArrayEquals(new long[] {5}, vector.shape());
            assertArrayEquals(new double[] {1, 2, 3, 4, 5}, values(vector));
            TensorFile empty = TensorFile.read(resource("empty.npy"), arena);
            assertArrayEquals(new long[] {3, 0, 2}, empty.shape());
            assertEquals(0, values(empty).length);
        }
    }

    @ParameterizedTest
    @CsvSource({"f2-little.npy,F2", "f4-little.npy,F4", "f8-little.npy,F8", "cube-fortran.npy,F4", "vector.npy,F8",
        "empty.npy,F4"})
    void writesTheBytesNumPyWrites(String name, Element element) throws IOException {
        Path path = resource(name);
        Path copy = directory.resolve("copy.npy");
        try (Arena arena = Arena.ofConfined()) {
            write(TensorFile.read(path, arena).tensor(Layout.ROWS), element, copy);
            byte[] expected = Files.readAllBytes(path);
            if (name.contains("fortran")) {
                // NumPy wrote the same values in the other order: only what a reader sees is the same.
                assertArrayEquals(values(TensorFile.read(path, arena)), values(TensorFile.read(copy, arena)));
            } else {
                assertArrayEquals(expected, Files.readAllBytes(copy));
            }
        }
    }

    private static void write(Tensor tensor, Element element, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            TensorFile.write(tensor, element, Channels.newChannel(out));
        }
    }

    @ParameterizedTest
    @EnumSource(Element.class)
    void readsBackWhatItWroteInSeveralChunks(Element element) throws IOException {
        TensorSpec spec = TensorSpec.of(element.dataType(), Layout.ROWS, 3, 700_001);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, (i * 31 + 7) % 2048 - 1024);
        }
        Path file = directory.resolve("large.npy");
        write(tensor, element, file);
        try (Arena arena = Arena.ofConfined()) {
            TensorFile read = TensorFile.read(file, arena);
            assertEquals(element, read.element());
            assertArrayEquals(spec.shape(), read.shape());
            Tensor back = read.tensor(Layout.ROWS);
            for (long i = 0; i < spec.elements(); i++) {
                assertEquals(tensor.get(i), back.get(i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"int32.npy|element type <i4; it must be f2, f4 or f8",
        "structure.npy|element type of a structure; it must be f2, f4 or f8"})
    void rejectsOtherTypes(String name, String message) throws IOException {
        assertRejected(resource(name), message);
    }

    private static void assertRejected(Path file, String message) {
        try (Arena arena = Arena.ofConfined()) {
            String actual = assertThrows(BadInputException.class, () -> TensorFile.read(file, arena)).getMessage();
            assertEquals(file + " " + message, actual.replace(file + " has " + message, file + " " + message));
        }
    }

    @Test
    void rejectsEveryTruncation() throws IOException {
        byte[] whole = Files.readAllBytes(resource("f4-little.npy"));
        Path file = directory.resolve("cut.npy");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (Arena arena = Arena.ofConfined()) {
                String message = assertThrows(BadInputException.class, () -> TensorFile.read(file, arena)).getMessage();
                assertEquals(file + " is truncated", message.substring(0, message.indexOf(':')),
                        "of " + length + " bytes");
            }
        }
    }

    @Test
    void rejectsTrailingBytes() throws IOException {
        byte[] whole = Files.readAllBytes(resource("f4-little.npy"));
        Path file = Files.write(directory.resolve("long.npy"), Arrays.copyOf(whole, whole.length + 1));
        assertRejected(file, "is too long: 25 bytes follow the header; f4 of shape 2x3 must have 24");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "'shape': (2, 3)|'shape': (2, -3)|no valid 'shape' in its .npy header",
        "'shape': (2, 3)|'shape': (2, 99999999999999999999)|shape (2, 99999999999999999999); each axis must be",
        "'shape': (2, 3)|'shape': (4294967296, 4294967296)|shape 4294967296x4294967296, which is more than",
        "'shape': (2, 3)|'ship': (2, 3)|no valid 'shape' in its .npy header",
        "'fortran_order': False|'fortran_order': Maybe|no valid 'fortran_order' in its .npy header",
        "'descr': '<f4'|'descr': '<f3'|element type <f3; it must be f2, f4 or f8",
        "'descr': '<f4'|'descr': '>U8'|element type >U8; it must be f2, f4 or f8"})
    void rejectsHeaders(String from, String to, String message) throws IOException {
        String text = Files.readString(resource("f4-little.npy"), StandardCharsets.ISO_8859_1);
        String changed = text.replace(from, to);
        int surplus = changed.length() - text.length();
        String padding = " ".repeat(Math.max(0, surplus)) + "\n";
        String fitted =
                surplus > 0 ? changed.replace(padding, "\n") : changed.replace("\n", " ".repeat(-surplus) + "\n");
        Path file = directory.resolve("changed.npy");
        Files.writeString(file, fitted, StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            String actual = assertThrows(BadInputException.class, () -> TensorFile.read(file, arena)).getMessage();
            assertEquals(file + " has " + message,
                    actual.substring(0, Math.min(actual.length(), (file + " has " + message).length())));
        }
    }

    @Test
    void rejectsVersionsAndMagicItDoesNotKnow() throws IOException {
        byte[] bytes = Files.readAllBytes(resource("f4-little.npy"));
        byte[] version = bytes.clone();
        version[6] = 4;
        assertRejected(Files.write(directory.resolve("v4.npy"), version), ".npy version 4; it must be 1, 2 or 3");
        byte[] magic = bytes.clone();
        magic[1] = 'M';
        assertRejected(Files.write(directory.resolve("magic.npy"), magic),
                "is not a .npy file: it must begin with \\x93NUMPY");
        byte[] header = Files.readAllBytes(resource("version2.npy"));
        header[11] = 1;
        assertRejected(Files.write(directory.resolve("huge.npy"), header),
                "a header of 16777332 bytes; it must have at most 65536");
    }

    @Test
    void rejectsWhatIsNotAFile() {
        assertRejected(directory.resolve("none.npy"), "does not exist");
        assertRejected(directory, "is not a regular file");
    }
}
