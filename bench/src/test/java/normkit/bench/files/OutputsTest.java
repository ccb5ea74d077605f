package normkit.bench.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputsTest {

    @TempDir
    Path directory;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.skip(1).map(file -> directory.relativize(file).toString()).sorted().toList();
        }
    }

    @Test
    void appearsTogetherWithDirectories() throws IOException {
        try (Outputs outputs = new Outputs()) {
            outputs.add(directory.resolve("a/b/one"), file -> Files.writeString(file, "1"));
            outputs.add(directory.resolve("two"), file -> Files.writeString(file, "2"));
            assertEquals(0, names().stream().filter(name -> !name.startsWith(".normkit-")).count());
            outputs.commit();
        }
        assertEquals(List.of("a", "a/b", "a/b/one", "two"), names());
        assertEquals("1", Files.readString(directory.resolve("a/b/one")));
        Path usual = Files.createFile(directory.resolve("usual"));
        if (Files.getFileStore(usual).supportsFileAttributeView("posix")) {
            assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(directory.resolve("two")));
        }
    }

    @Test
    void leavesNoTraceWithoutCommit() throws IOException {
        Files.writeString(directory.resolve("old"), "old");
        try (Outputs outputs = new Outputs()) {
            outputs.add(directory.resolve("old"), file -> Files.writeString(file, "new"));
            outputs.add(directory.resolve("a/one"), file -> Files.writeString(file, "1"));
        }
        assertEquals(List.of("old"), names());
        assertEquals("old", Files.readString(directory.resolve("old")));
    }

    @Test
    void leavesNoTraceOfAFailure() throws IOException {
        try (Outputs outputs = new Outputs()) {
            Path full = directory.resolve("full");
            BadInputException e = assertThrows(BadInputException.class, () -> outputs.add(full, file -> {
                throw new IOException("No space left on device");
            }));
            assertEquals(full + " cannot be written: No space left on device", e.getMessage());
        }
        assertEquals(List.of(), names());
    }

    @Test
    void replacesFilesButNotDirectories() throws IOException {
        Files.writeString(directory.resolve("old"), "old");
        Files.createDirectory(directory.resolve("folder"));
        try (Outputs outputs = new Outputs()) {
            outputs.add(directory.resolve("old"), file -> Files.writeString(file, "new"));
            assertThrows(BadInputException.class,
                    () -> outputs.add(directory.resolve("folder"), file -> Files.writeString(file, "x")));
            outputs.commit();
        }
        assertEquals("new", Files.readString(directory.resolve("old")));
        assertEquals(List.of("folder", "old"), names());
    }
}
