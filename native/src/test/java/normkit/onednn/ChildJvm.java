package normkit.onednn;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Runs a main class of the tests in a JVM of its own, where loading can go wrong, or has happened to nobody yet. */
final class ChildJvm {

    private final Class<?> main;
    private final List<String> options = new ArrayList<>(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"));
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Predicate<String> without = jar -> false;

    ChildJvm(Class<?> main) {
        this.main = main;
    }

    /** Adds options of the JVM. */
    ChildJvm with(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /** Leaves the permission for native access out. */
    ChildJvm withoutNativeAccess() {
        options.removeIf(option -> option.startsWith("--enable-native-access"));
        return with("--illegal-native-access=deny");
    }

    /** Leaves class path entries out by their file name. */
    ChildJvm withoutJars(Predicate<String> names) {
        without = names;
        return this;
    }

    ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** The entries of this JVM's own class path, less those left out. */
    List<String> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(entry -> !without.test(Path.of(entry).getFileName().toString())).toList();
    }

    /** Runs on the class path and returns what was printed. */
    String run() {
        List<String> command = command();
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath()), main.getName()));
        return run(command);
    }

    /** Runs a module on the module path, all modules of which are resolved. */
    String runModule(List<String> modulePath, String mainClass) {
        List<String> command = command();
        command.addAll(List.of("-p", String.join(File.pathSeparator, modulePath), "--add-modules", "ALL-MODULE-PATH",
                "-m", mainClass));
        return run(command);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        return command;
    }

    private String run(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            if (exit != 0) {
                throw new AssertionError("exit code " + exit + " of " + command + ":\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
