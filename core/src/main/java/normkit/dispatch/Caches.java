package normkit.dispatch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sizes of the caches one thread sees, in bytes.
 *
 * @param second second level, of each core
 * @param third third level, shared
 */
public record Caches(long second, long third) {

    /** What server CPUs of the last years have at least. */
    static final Caches USUAL = new Caches(1 << 20, 32 << 20);

    /** A third level of this size is made of slices at many cores, which lie far from most of them. */
    private static final long MESH = 100L << 20;

    private static final Path LINUX = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final int MOST_INDEXES = 8;
    private static final int HIGHEST_LEVEL = 4;

    /** Whether the third level is shared by so many cores that it is little faster than memory. */
    boolean mesh() {
        return third >= MESH;
    }

    /** The machine's, as far as Linux tells; elsewhere the usual ones. */
    static Caches here() {
        return read(LINUX);
    }

    /**
     * Returns the caches for data that the operating system tells of.
     *
     * @return bytes by level; empty where it does not tell
     */
    public static SortedMap<Integer, Long> levels() {
        SortedMap<Integer, Long> levels = new TreeMap<>();
        for (int level = 1; level <= HIGHEST_LEVEL; level++) {
            long bytes = level(LINUX, level);
            if (bytes > 0) {
                levels.put(level, bytes);
            }
        }
        return levels;
    }

    static Caches read(Path directory) {
        long second = level(directory, 2);
        long third = level(directory, 3);
        long l2 = second > 0 ? second : USUAL.second;
        // Without a third level, everything beyond the second is memory.
        return new Caches(l2, third > 0 ? third : second > 0 ? l2 : USUAL.third);
    }

    /** The size of a level's cache for data; 0 if unknown. */
    private static long level(Path directory, int level) {
        for (int index = 0; index < MOST_INDEXES; index++) {
            Path cache = directory.resolve("index" + index);
            try {
                if (text(cache, "level").equals(Integer.toString(level))
                        && !text(cache, "type").equals("Instruction")) {
                    return bytes(text(cache, "size"));
                }
            } catch (IOException | NumberFormatException | SecurityException e) {
                // Not there or not readable, which is as good as unknown.
            }
        }
        return 0;
    }

    private static String text(Path cache, String file) throws IOException {
        return Files.readString(cache.resolve(file)).strip();
    }

    /** For example {@code 1024K}. */
    private static long bytes(String size) {
        long number = Long.parseLong(size.replaceFirst("[KMG]$", ""));
        return switch (size.charAt(size.length() - 1)) {
            case 'K' -> number << 10;
            case 'M' -> number << 20;
            case 'G' -> number << 30;
            default -> number;
        };
    }
}
