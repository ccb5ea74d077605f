package normkit.dispatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import normkit.spi.Operation;
import normkit.spi.Problem;

/**
 * What was measured: for each problem the time of each backend, by machine. A machine is CPU model and features, JVM,
 * library version, and each backend with its version and vector size; times of one never count on another, but files keep
 * them. Plans use wisdom whatever their {@link Effort}. Thread-safe.
 *
 * <p>The wisdom of the process, {@link #here}, begins with the file that the system property {@value #PROPERTY} or the
 * environment variable {@value #VARIABLE} names ({@code none} for no file), else with {@link #defaultFile}, if it is there.
 * It is written only on {@link #exportTo}, by the {@code tune} command, and after a measurement if the property or variable
 * names a file.
 */
public final class Wisdom {

    /** The system property that names the file. */
    public static final String PROPERTY = "normkit.wisdom";
    /** The environment variable that does the same; the property goes first. */
    public static final String VARIABLE = "NORMKIT_WISDOM";

    private static final String NO_FILE = "none";
    /** More than any file of ours, and little enough to read. */
    private static final long MOST_BYTES = 1 << 24;
    /** Within a process a lock on a file excludes nobody, but throws. */
    private static final Object WRITING = new Object();

    private static final class Holder {
        static final Wisdom HERE = load();

        private static Wisdom load() {
            String name = Settings.value(PROPERTY, VARIABLE);
            if (NO_FILE.equals(name)) {
                return empty();
            }
            try {
                Path named = name == null ? null : Path.of(name);
                Wisdom wisdom = new Wisdom(named, null);
                Path file = named == null ? defaultFile() : named;
                if (Files.exists(file)) {
                    wisdom.importFrom(file);
                }
                return wisdom;
            } catch (InvalidPathException e) {
                Messages.once(System.Logger.Level.WARNING, "there is no wisdom file: " + e.getMessage());
                return empty();
            }
        }
    }

    private final SortedMap<String, SortedMap<String, Verdict>> machines = new TreeMap<>();
    private final Path file;
    private String machine;

    /** Wisdom written to a file whenever it grows, if that is not null, on a machine, by default this one. */
    Wisdom(Path file, String machine) {
        this.file = file;
        this.machine = machine;
    }

    /**
     * Makes wisdom that knows nothing and has no file.
     *
     * @return new wisdom
     */
    public static Wisdom empty() {
        return new Wisdom(null, null);
    }

    /**
     * Returns the wisdom of this process, which all plans use.
     *
     * @return the same every time
     */
    public static Wisdom here() {
        return Holder.HERE;
    }

    /**
     * Returns where wisdom is looked for unless the user names a file.
     *
     * @return {@code normkit/wisdom.txt} in {@code $XDG_CACHE_HOME}, or in {@code .cache} in the home directory
     */
    public static Path defaultFile() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path directory =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return directory.resolve("normkit").resolve("wisdom.txt");
    }

    /**
     * Returns the file of this process: the one the user names by property or variable, else the default one.
     *
     * @return where wisdom is looked for
     * @throws InvalidPathException if what the user names is no path
     */
    public static Path file() {
        String name = Settings.value(PROPERTY, VARIABLE);
        return name == null || name.equals(NO_FILE) ? defaultFile() : Path.of(name);
    }

    /**
     * Tells whether {@link #exportTo} would write to a file that is there.
     *
     * @param file the file
     * @return true if it is a wisdom file of this version, whole or damaged; false if it is anything else
     */
    public static boolean replaceable(Path file) {
        try {
            existing(file);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the machine this process runs on, as files name it. */
    synchronized String machine() {
        if (machine == null) {
            machine = Fingerprint.here(Backends.roster());
        }
        return machine;
    }

    /** The line that stands for a problem. ε is left out, since no time depends on it. */
    static String key(Problem problem, Request request) {
        String shape = LongStream.of(problem.x().shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
        return String.join(" ", problem.operation().label(), problem.pass().name().toLowerCase(java.util.Locale.ROOT),
                problem.type().name(), problem.x().layout().name(), shape)
                + (problem.operation() == Operation.GROUP_NORM ? " groups " + problem.groups() : "")
                + (problem.normalizedRank() > 1 ? " over " + problem.normalizedRank() + " axes" : "")
                + (problem.hasScale() ? " scale" : "") + (problem.hasShift() ? " shift" : "")
                + (problem.fusion().any() ? " " + problem.fusion() : "") + ", " + request.threads()
                + (request.threads() == 1 ? " thread, " : " threads, ")
                + request.carrier().name().toLowerCase(java.util.Locale.ROOT);
    }

    /** What is known about a problem on this machine; looks at the machine only if anything is known at all. */
    synchronized Optional<Verdict> find(String key) {
        return machines.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(machines.get(machine())).map(known -> known.get(key));
    }

    /** Takes in a measurement, and writes it to the file if the user named one. */
    void remember(String key, Verdict verdict) {
        synchronized (this) {
            machines.computeIfAbsent(machine(), m -> new TreeMap<>()).put(key, verdict);
        }
        if (file != null) {
            try {
                exportTo(file);
            } catch (IOException e) {
                Messages.once(System.Logger.Level.WARNING, "wisdom cannot be written to " + file + ": " + e);
            }
        }
    }

    /**
     * Returns how many problems are known on this machine.
     *
     * @return number of problems
     */
    public synchronized int size() {
        return machines.isEmpty() ? 0 : machines.getOrDefault(machine(), new TreeMap<>()).size();
    }

    /** Forgets everything; files stay as they are. */
    public synchronized void forget() {
        machines.clear();
    }

    /**
     * Takes in other wisdom; where both know a problem, the other's is kept.
     *
     * @param other what to take in
     */
    public void merge(Wisdom other) {
        merge(Objects.requireNonNull(other, "other").copy());
    }

    private synchronized SortedMap<String, SortedMap<String, Verdict>> copy() {
        SortedMap<String, SortedMap<String, Verdict>> copy = new TreeMap<>();
        machines.forEach((name, problems) -> copy.put(name, new TreeMap<>(problems)));
        return copy;
    }

    private synchronized void merge(SortedMap<String, SortedMap<String, Verdict>> others) {
        others.forEach((name, problems) -> machines.computeIfAbsent(name, m -> new TreeMap<>()).putAll(problems));
    }

    /**
     * Takes in a file. One that is missing, damaged, not a wisdom file, or of another version changes nothing; a message to
     * the logger {@code normkit} says so once. Entries of other machines are kept and not used.
     *
     * @param from the file
     * @return whether it was read
     */
    public boolean importFrom(Path from) {
        try {
            merge(read(from));
            return true;
        } catch (IOException e) {
            Messages.once(System.Logger.Level.WARNING, "wisdom file " + from + " is ignored: it cannot be read: " + e);
        } catch (WisdomFile.Unusable e) {
            Messages.once(System.Logger.Level.WARNING, "wisdom file " + from + " is ignored: " + e.getMessage());
        }
        return false;
    }

    private static SortedMap<String, SortedMap<String, Verdict>> read(Path from)
            throws IOException, WisdomFile.Unusable {
        if (Files.size(from) > MOST_BYTES) {
            throw new WisdomFile.Unusable("it is no wisdom file: it has " + Files.size(from) + " bytes", false);
        }
        byte[] bytes = Files.readAllBytes(from);
        try {
            return WisdomFile.parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            byte[] magic = "normkit wisdom ".getBytes(StandardCharsets.UTF_8);
            boolean ours = bytes.length > magic.length && Arrays.equals(magic, Arrays.copyOf(bytes, magic.length));
            throw new WisdomFile.Unusable("it is damaged: it is not text in UTF-8", ours);
        }
    }

    /**
     * Adds this wisdom to a file, which is made if it is not there, with its directory. What the file knows of other
     * problems and machines stays. The file is replaced in one step, so that readers see the old or the new one, and behind
     * a lock (a file beside it that ends with {@code .lock}), so that processes that write at once lose nothing. A damaged
     * wisdom file is replaced.
     *
     * @param to the file
     * @throws IOException if it cannot be written, or is not a wisdom file or one of another version
     */
    public void exportTo(Path to) throws IOException {
        Path target = to.toAbsolutePath();
        if (target.getParent() != null) {
            Files.createDirectories(target.getParent());
        }
        Path lockFile = target.resolveSibling(target.getFileName() + ".lock");
        synchronized (WRITING) {
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Wisdom all = empty();
                all.merge(existing(target));
                all.merge(this);
                replace(target, WisdomFile.write(all.copy()));
                assert lock.isValid();
            }
        }
    }

    private static SortedMap<String, SortedMap<String, Verdict>> existing(Path target) throws IOException {
        try {
            return read(target);
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        } catch (WisdomFile.Unusable e) {
            if (!e.replaceable()) {
                throw new IOException(target + " is not overwritten: " + e.getMessage(), e);
            }
            Messages.once(System.Logger.Level.WARNING, "wisdom file " + target + " is replaced: " + e.getMessage());
            return new TreeMap<>();
        }
    }

    private static void replace(Path target, String text) throws IOException {
        Path temporary = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
        try {
            Files.writeString(temporary, text);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
