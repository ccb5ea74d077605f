package normkit.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The entry point as a user starts it: a JVM without any flags. */
class LauncherTest {

    private static final int JAVA_8_CLASS_FILE = 52;

    private record Run(int exitCode, String out, String err) {}

    private static Run run(String... args) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(
                List.of(java.toString(), "-cp", System.getProperty("java.class.path"), "normkit.bench.Main"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, err);
    }

    @Test
    void hasTheVectorModuleAndNothingToComplainOf() throws IOException, InterruptedException {
        Run info = run("info");
        assertEquals("", info.err());
        assertEquals(0, info.exitCode());
        assertTrue(info.out().lines().anyMatch(line -> line.matches(" +simd +available: \\d+-bit vectors")),
                info.out());
        assertTrue(info.out().lines().anyMatch(line -> line.matches(" +scalar +available: .*")), info.out());
    }

    @Test
    void passesOnExitCodeAndErrors() throws IOException, InterruptedException {
        Run wrong = run("apply", "nothing");
        assertEquals(2, wrong.exitCode());
        assertEquals("", wrong.out());
        assertEquals(1, wrong.err().lines().count(), wrong.err());
    }

    @Test
    void hasTheBenchmarks() throws IOException, InterruptedException {
        Run list = run("jmh", "-l");
        assertEquals(0, list.exitCode(), list.err());
        assertTrue(list.out().contains("normkit.bench.jmh.NormBenchmark.run"), list.out());
    }

    @Test
    void startsOnJava8() throws IOException {
        try (InputStream in = Main.class.getResourceAsStream("Main.class")) {
            DataInputStream data = new DataInputStream(in);
            assertEquals(0xCAFEBABE, data.readInt());
            assertEquals(0, data.readUnsignedShort());
            assertEquals(JAVA_8_CLASS_FILE, data.readUnsignedShort());
        }
    }
}
