package normkit.dispatch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** What measured times depend on beside the problem, as one line of text: they count only where it is the same. */
final class Fingerprint {

    private static final Path LINUX = Path.of("/proc/cpuinfo");

    private Fingerprint() {
    }

    /** CPU model and features, JVM, library, and each backend with its edition. */
    static String here(Roster roster) {
        return of(cpu(LINUX), jvm(), library(), roster);
    }

    static String of(String cpu, String jvm, String library, Roster roster) {
        String backends = roster.entries().stream().map(e -> (e.name() + " " + plain(e.backend().edition())).strip())
                .collect(Collectors.joining(", "));
        return String.join(" | ", plain(cpu), plain(jvm), plain(library), backends);
    }

    /** Model and a checksum of the features; outside Linux what the JVM and the environment tell. */
    static String cpu(Path cpuinfo) {
        try {
            List<String> lines = Files.readAllLines(cpuinfo, StandardCharsets.ISO_8859_1);
            String model = field(lines, "model name", "Model", "cpu model");
            String exact = field(lines, "cpu family") + " " + field(lines, "model") + " " + field(lines, "stepping");
            String[] features = field(lines, "flags", "Features").split("\\s+");
            Arrays.sort(features);
            CRC32 crc = new CRC32();
            crc.update(String.join(" ", features).getBytes(StandardCharsets.UTF_8));
            return "%s %s, features %08x".formatted(model, exact, crc.getValue());
        } catch (IOException | SecurityException e) {
            String identifier = System.getenv("PROCESSOR_IDENTIFIER");
            return System.getProperty("os.arch") + " " + (identifier == null ? "unknown" : identifier) + ", "
                    + Runtime.getRuntime().availableProcessors() + " processors";
        }
    }

    private static String field(List<String> lines, String... names) {
        return lines.stream().filter(line -> Arrays.asList(names).contains(line.split(":", 2)[0].strip()))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("?");
    }

    private static String jvm() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version");
    }

    private static String library() {
        try (InputStream in = Fingerprint.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return "normkit " + properties.getProperty("version");
        } catch (IOException e) {
            throw new IllegalStateException("version.properties cannot be read", e);
        }
    }

    /** Without what would break a line or field of the wisdom file. */
    private static String plain(String text) {
        return text.replaceAll("[\\p{Cntrl}|]", " ").strip();
    }
}
