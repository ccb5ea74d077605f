package normkit.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import normkit.bench.cli.Normkit;

/**
 * Gives the command line the JVM it needs. No attribute of a jar adds a module, so a JVM that was started without the
 * vector module starts a child that has it, passes its streams and exit code on, and does nothing else.
 */
public final class Launcher {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final byte[] INCUBATOR_WARNING =
            "WARNING: Using incubator modules".getBytes(StandardCharsets.US_ASCII);

    private Launcher() {
    }

    /**
     * Runs the command line, here or in a child JVM, and exits.
     *
     * @param args command and options
     * @throws IOException if the child cannot be started
     * @throws InterruptedException if waiting for it is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        boolean hasVectors = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
        System.exit(hasVectors ? Normkit.run(args) : relaunch(args));
    }

    private static int relaunch(String[] args) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command(args)).redirectInput(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT).start();
        Runtime.getRuntime().addShutdownHook(new Thread(child::destroy));
        passOn(child.getErrorStream());
        return child.waitFor();
    }

    private static List<String> command(String[] args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Native memory holds the tensors, so only the machine limits it; what the user set comes later and wins.
        long memory = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        command.add("-XX:MaxDirectMemorySize=" + memory);
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("--add-modules", VECTOR_MODULE, "--enable-native-access=ALL-UNNAMED"));
        // JMH reads object layouts through Unsafe, about which the JVM would print four lines.
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /** Passes on what the child reports, except the JVM's line about the module it was asked to use. */
    private static void passOn(InputStream errors) throws IOException {
        PushbackInputStream in = new PushbackInputStream(errors, INCUBATOR_WARNING.length);
        byte[] start = in.readNBytes(INCUBATOR_WARNING.length);
        if (Arrays.equals(start, INCUBATOR_WARNING)) {
            int b = in.read();
            while (b >= 0 && b != '\n') {
                b = in.read();
            }
        } else {
            in.unread(start);
        }
        // Unbuffered, so that progress shows at once.
        in.transferTo(new FileOutputStream(FileDescriptor.err));
    }
}
