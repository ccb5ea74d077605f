package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However loading goes wrong, the backend says why, and everything else works. */
class AvailabilityTest {

    private static final String PLATFORM = Loader.getPlatform();

    private static void assertUnavailable(String output, String reason) {
        assertTrue(output.contains("Unavailable["), output);
        assertTrue(output.contains(reason), output);
        assertTrue(output.contains("asked anyway: Declined[reason=oneDNN is not available: "), output);
        assertTrue(output.contains("runs on scalar: -1 1"), output);
    }

    private static void assertAvailable(String output) {
        assertTrue(output.contains("Available[details=oneDNN 3.11."), output);
        assertTrue(output.contains("instruction set "), output);
        assertTrue(output.contains("libdnnl"), output);
        assertTrue(output.contains("runs on onednn: -1 1"), output);
    }

    @Test
    void everythingThere() {
        assertAvailable(new ChildJvm(Report.class).run());
    }

    @Test
    void noNativeLibraries() {
        assertUnavailable(new ChildJvm(Report.class).withoutJars(jar -> jar.endsWith(PLATFORM + ".jar")).run(),
                "with classifier " + PLATFORM);
    }

    @Test
    void noOpenCl() {
        assertUnavailable(new ChildJvm(Report.class).withoutJars(jar -> jar.startsWith("opencl-")).run(),
                "org.bytedeco.opencl");
    }

    @Test
    void noPresets() {
        assertUnavailable(new ChildJvm(Report.class).withoutJars(jar -> jar.matches("(dnnl|opencl|javacpp)-.*")).run(),
                "is missing; oneDNN needs the jars org.bytedeco:javacpp, opencl and dnnl");
    }

    @Test
    void unsupportedPlatform() {
        assertUnavailable(new ChildJvm(Report.class).with("-Dorg.bytedeco.javacpp.platform=linux-riscv64").run(),
                "with classifier linux-riscv64");
    }

    @Test
    void deniedNativeAccess() {
        String output = new ChildJvm(Report.class).withoutNativeAccess().run();
        assertUnavailable(output, "Illegal native access from an unnamed module");
        assertUnavailable(output, "start Java with --enable-native-access=ALL-UNNAMED");
    }

    @Test
    void nowhereToExtractTo(@TempDir Path directory) throws IOException {
        String file = Files.createFile(directory.resolve("file")).toString();
        assertUnavailable(
                new ChildJvm(Report.class).with("-Dorg.bytedeco.javacpp.cachedir=" + file + "/a",
                        "-Duser.home=" + file + "/b", "-Djava.io.tmpdir=" + file + "/c").run(),
                "Could not create the cache");
    }

    @Test
    void libraryThatIsNone(@TempDir Path directory) throws IOException {
        // What JavaCPP finds extracted with the right size and time it does not extract again.
        new ChildJvm(Report.class).with("-Dorg.bytedeco.javacpp.cachedir=" + directory).run();
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("libjnidnnl.so")).toList()) {
                var time = Files.getLastModifiedTime(file);
                Files.write(file, new byte[(int) Files.size(file)]);
                Files.setLastModifiedTime(file, time);
            }
        }
        assertUnavailable(new ChildJvm(Report.class).with("-Dorg.bytedeco.javacpp.cachedir=" + directory).run(),
                "libjnidnnl.so");
    }

    @Test
    void instructionSetIsCapped() {
        String output = new ChildJvm(Report.class).with("-Dnormkit.onednn.maxIsa=sse41").run();
        assertAvailable(output);
        assertTrue(output.contains("instruction set sse41,"), output);
    }

    @Test
    void unknownInstructionSet() {
        assertUnavailable(new ChildJvm(Report.class).with("-Dnormkit.onednn.maxIsa=mmx").run(),
                "normkit.onednn.maxIsa is 'mmx'; it must be one of sse41, avx,");
    }

    @Test
    void onTheModulePath() {
        ChildJvm child = new ChildJvm(Report.class)
                .withoutJars(jar -> jar.matches("(junit|opentest4j|apiguardian)-.*|test-classes"));
        String modules = "org.bytedeco.javacpp,org.bytedeco.opencl,org.bytedeco.dnnl,normkit.onednn";
        Path tests = Path.of(Report.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        String output = child.withoutNativeAccess()
                .with("--enable-native-access=" + modules, "--patch-module", "normkit.onednn=" + tests)
                .runModule(child.classPath(), "normkit.onednn/" + Report.class.getName());
        assertAvailable(output);
    }

    @Test
    void nothingNativeIsLoadedBeforeProbing() {
        String output = new ChildJvm(Lazy.class).run();
        assertTrue(output.contains("constructed false\nprobed true\n"), output);
    }

    /** Prints when oneDNN appears among the files mapped into the process. */
    static final class Lazy {

        private Lazy() {
        }

        public static void main(String[] arguments) throws IOException {
            OneDnnBackend backend = new OneDnnBackend();
            System.out.println("constructed " + mapped("javacpp"));
            backend.probe();
            System.out.println("probed " + mapped("libdnnl"));
        }

        private static boolean mapped(String library) throws IOException {
            return Files.readString(Path.of("/proc/self/maps")).lines()
                    .anyMatch(line -> line.endsWith(".so") && line.contains(library) || line.contains(library + ".so"));
        }
    }
}
