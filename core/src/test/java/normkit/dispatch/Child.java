package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JVM of its own on the class path, where service files count and nothing has been probed, read or recorded yet. */
final class Child {

    private final Path directory;
    private final List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
    private final Map<String, String> environment;
    private final Class<?> main;

    /** Finds the service files in a directory, which may be empty. */
    Child(Path directory, Class<?> main, Map<String, String> environment) {
        this.directory = directory;
        this.main = main;
        this.environment = environment;
    }

    Child with(List<String> more) {
        options.addAll(more);
        return this;
    }

    /** Starts it and goes on. */
    Process start(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The user's own wisdom must not decide what is tested.
        command.add("-D" + Wisdom.PROPERTY + "=none");
        command.addAll(options);
        command.add("-cp");
        command.add(String.join(File.pathSeparator, directory.toString(), root(main).toString(),
                root(Backends.class).toString()));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("NORMKIT_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Waits for it and returns what it printed. */
    static String output(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.replace(System.lineSeparator(), "\n");
    }

    String run(String... arguments) throws Exception {
        return output(start(arguments));
    }

    /** Makes the service file that names backends. */
    static void provide(Path directory, Class<?>... backends) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        List<String> names = new ArrayList<>();
        for (Class<?> backend : backends) {
            names.add(backend.getName());
        }
        Files.write(services.resolve("normkit.spi.Backend"), names);
    }

    /** The directory of the class path a class came from; tests are patched into the module, so it does not know. */
    private static Path root(Class<?> type) throws Exception {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
        return file.getRoot().resolve(file.subpath(0, file.getNameCount() - Path.of(name).getNameCount()));
    }
}
