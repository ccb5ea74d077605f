package normkit.bench.run;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import normkit.dispatch.Backends;
import normkit.dispatch.Caches;

/**
 * The machine and the JVM, as the JVM itself knows them on every operating system.
 *
 * @param cpu brand of the CPU
 * @param features instruction sets the JVM found
 * @param processors number of processors the JVM may use
 * @param os operating system and architecture
 * @param caches those for data that one thread sees; none where the operating system does not tell
 * @param jvm name, version and vendor
 * @param flags what the JVM was given
 * @param versions versions or editions by name: of the library, and of the backends that have one
 */
public record Machine(String cpu, String features, int processors, String os, List<Cache> caches, String jvm,
        List<String> flags, Map<String, String> versions) {

    private static final Pattern BRAND = Pattern.compile("Brand: ([^,]*),");
    private static final Pattern FEATURES = Pattern.compile("(?m)^CPU: .*?((?:, [a-z0-9_.]+)+)\\s*$");
    private static final long PATIENCE_SECONDS = 5;

    /**
     * A cache.
     *
     * @param level 1 is the nearest
     * @param bytes its size
     */
    public record Cache(int level, long bytes) {}

    /**
     * Describes this machine.
     *
     * @return what is known; parts that the JVM does not tell are {@code unknown}
     */
    public static Machine here() {
        return new Machine(brand(), instructionSets(), Runtime.getRuntime().availableProcessors(),
                property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
                Caches.levels().entrySet().stream().map(level -> new Cache(level.getKey(), level.getValue())).toList(),
                property("java.vm.name") + " " + property("java.vm.version") + ", " + property("java.vm.vendor"),
                ManagementFactory.getRuntimeMXBean().getInputArguments(), editions());
    }

    private static Map<String, String> editions() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("normkit", Build.here().version());
        Backends.all().stream().map(Backends.Probed::backend).filter(backend -> !backend.edition().isEmpty())
                .forEach(backend -> versions.put(backend.name(), backend.edition()));
        return versions;
    }

    private static String property(String name) {
        return System.getProperty(name);
    }

    /** Asks the flight recorder, which emits the event once when a recording begins. */
    private static String brand() {
        BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();
        try (RecordingStream recording = new RecordingStream()) {
            recording.enable("jdk.CPUInformation");
            recording.onEvent("jdk.CPUInformation", events::add);
            recording.startAsync();
            recording.stop();
            RecordedEvent event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return event == null ? "unknown" : first(BRAND, event.getString("description"));
        } catch (IllegalStateException e) {
            return "unknown, since this JVM has no flight recorder";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }

    /** Asks the diagnostic command {@code VM.info}, whose line on the CPU ends with its features. */
    private static String instructionSets() {
        try {
            String info = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                    ObjectName.getInstance("com.sun.management:type=DiagnosticCommand"), "vmInfo", new Object[0],
                    new String[0]);
            String features = first(FEATURES, info);
            return Arrays.stream(features.split(", ")).filter(f -> !f.isBlank()).collect(Collectors.joining(" "));
        } catch (JMException e) {
            return "unknown";
        }
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1).strip() : "unknown";
    }

    /**
     * Returns the facts as name and value, for a person.
     *
     * @return the facts in order
     */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("CPU", cpu + ", " + processors + " processors");
        facts.put("features", features);
        if (!caches.isEmpty()) {
            facts.put("caches", caches.stream().map(c -> "L" + c.level() + " " + (c.bytes() >> 10) + " KiB")
                    .collect(Collectors.joining(", ")));
        }
        facts.put("JVM", jvm);
        facts.put("OS", os);
        return facts;
    }
}
