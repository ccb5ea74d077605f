package normkit.dispatch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The text of a wisdom file. A line names format and version; then each machine, followed by its problems with the
 * nanoseconds each backend took; the last line counts the problems and has a checksum of all lines before it.
 */
final class WisdomFile {

    static final int VERSION = 1;

    private static final String MAGIC = "normkit wisdom ";
    private static final String MACHINE = "machine ";
    private static final Pattern ENTRY = Pattern.compile("  (\\S[^=]*) = (\\S+ \\S+(?:, \\S+ \\S+)*)");
    private static final Pattern END = Pattern.compile("end (\\d+) problems, checksum ([0-9a-f]{8})");

    private WisdomFile() {
    }

    /** A text that is no wisdom this library can use. */
    static final class Unusable extends Exception {

        private static final long serialVersionUID = 1;

        private final boolean replaceable;

        Unusable(String message, boolean replaceable) {
            super(message);
            this.replaceable = replaceable;
        }

        /** Whether nothing of worth is lost if it is overwritten: damaged wisdom, not another version or another's file. */
        boolean replaceable() {
            return replaceable;
        }
    }

    static String write(SortedMap<String, SortedMap<String, Verdict>> machines) {
        StringBuilder text = new StringBuilder(MAGIC).append(VERSION).append('\n');
        int count = 0;
        for (Map.Entry<String, SortedMap<String, Verdict>> machine : machines.entrySet()) {
            text.append(MACHINE).append(machine.getKey()).append('\n');
            for (Map.Entry<String, Verdict> problem : machine.getValue().entrySet()) {
                List<String> times = new ArrayList<>();
                problem.getValue().nanoseconds().forEach((backend, ns) -> times.add(backend + " " + ns));
                text.append("  ").append(problem.getKey()).append(" = ").append(String.join(", ", times)).append('\n');
                count++;
            }
        }
        return text + "end " + count + " problems, checksum " + checksum(text.toString()) + "\n";
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    static SortedMap<String, SortedMap<String, Verdict>> parse(String text) throws Unusable {
        List<String> lines = text.lines().toList();
        requireVersion(lines.isEmpty() ? "" : lines.getFirst());
        Matcher end = END.matcher(lines.getLast());
        if (!end.matches()) {
            throw new Unusable("it is truncated: the last line is not the one with the checksum", true);
        }
        List<String> body = lines.subList(0, lines.size() - 1);
        if (!checksum(String.join("\n", body) + "\n").equals(end.group(2))) {
            throw new Unusable("it is damaged: the checksum does not fit", true);
        }
        return entries(body.subList(1, body.size()), end.group(1));
    }

    private static void requireVersion(String first) throws Unusable {
        if (!first.startsWith(MAGIC)) {
            throw new Unusable("it is no wisdom file: the first line must be '" + MAGIC + VERSION + "'", false);
        }
        if (!first.equals(MAGIC + VERSION)) {
            throw new Unusable("it is '" + first + "'; this library reads version " + VERSION, false);
        }
    }

    private static SortedMap<String, SortedMap<String, Verdict>> entries(List<String> lines, String expected)
            throws Unusable {
        SortedMap<String, SortedMap<String, Verdict>> machines = new TreeMap<>();
        SortedMap<String, Verdict> machine = null;
        int count = 0;
        for (String line : lines) {
            Matcher entry = ENTRY.matcher(line);
            if (line.startsWith(MACHINE)) {
                machine = machines.computeIfAbsent(line.substring(MACHINE.length()), m -> new TreeMap<>());
            } else if (machine != null && entry.matches()) {
                machine.put(entry.group(1), verdict(entry.group(2), line));
                count++;
            } else {
                throw misunderstood(line);
            }
        }
        if (!Integer.toString(count).equals(expected)) {
            throw new Unusable("it is damaged: it has " + count + " problems, but counts " + expected, true);
        }
        return machines;
    }

    private static Verdict verdict(String times, String line) throws Unusable {
        Map<String, Double> nanoseconds = new HashMap<>();
        for (String time : times.split(", ")) {
            String[] parts = time.split(" ");
            double ns;
            try {
                ns = Double.parseDouble(parts[1]);
            } catch (NumberFormatException e) {
                throw misunderstood(line);
            }
            if (!(ns > 0 && ns < Double.POSITIVE_INFINITY) || nanoseconds.put(parts[0], ns) != null) {
                throw misunderstood(line);
            }
        }
        return new Verdict(nanoseconds);
    }

    private static Unusable misunderstood(String line) {
        return new Unusable("it is damaged: it has the line '" + line + "'", true);
    }
}
