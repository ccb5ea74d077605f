package normkit.bench.files;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Files that are written under temporary names and get their own names together, by {@link #commit}, after which
 * closing does nothing; closed without that, no trace of them remains. Missing directories are made by {@code commit}.
 * Not thread-safe.
 */
public final class Outputs implements AutoCloseable {

    private final Map<Path, Path> temporaries = new LinkedHashMap<>();

    /** Writes the contents of a file. */
    @FunctionalInterface
    public interface Contents {
        /**
         * Writes.
         *
         * @param file an empty file that exists
         * @throws IOException if writing fails
         */
        void writeTo(Path file) throws IOException;
    }

    /** Makes an empty set. */
    public Outputs() {
    }

    /**
     * Checks, before any work is done, that a directory can be there.
     *
     * @param directory where files are going to be
     * @throws BadInputException if it, or the nearest parent that exists, is not a writable directory
     */
    public static void requireDirectory(Path directory) {
        Path existing = nearest(directory);
        if (!Files.isDirectory(existing)) {
            throw new BadInputException(directory + " cannot hold results: " + existing + " is not a directory");
        }
        if (!Files.isWritable(existing)) {
            throw new BadInputException(directory + " cannot hold results: " + existing + " is not writable");
        }
    }

    /** The file itself or its nearest parent that exists. */
    private static Path nearest(Path path) {
        Path candidate = path.toAbsolutePath().normalize();
        while (!Files.exists(candidate) && candidate.getParent() != null) {
            candidate = candidate.getParent();
        }
        return candidate;
    }

    /**
     * Writes one file under a temporary name on the file system of its own.
     *
     * @param file its own name
     * @param contents what to write
     * @throws BadInputException if it cannot be written
     */
    public void add(Path file, Contents contents) {
        Path target = file.toAbsolutePath().normalize();
        try {
            if (Files.isDirectory(target)) {
                throw new FileAlreadyExistsException(target.toString(), null, "is a directory");
            }
            // Not createTempFile, whose files nobody else may read.
            Path temporary = nearest(target.getParent()).resolve(".normkit-" + UUID.randomUUID() + ".tmp");
            temporaries.put(target, Files.createFile(temporary));
            contents.writeTo(temporary);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /**
     * Gives every file its own name, replacing what had it before.
     *
     * @throws BadInputException if a name cannot be given; those given before stay
     */
    public void commit() {
        List<Path> targets = new ArrayList<>(temporaries.keySet());
        for (Path target : targets) {
            try {
                Files.createDirectories(target.getParent());
                move(temporaries.get(target), target);
                temporaries.remove(target);
            } catch (IOException e) {
                throw unwritable(target, e);
            }
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static BadInputException unwritable(Path file, IOException e) {
        return new BadInputException(file + " cannot be written: " + e.getMessage(), e);
    }

    /** Deletes what has no name of its own yet. */
    @Override
    public void close() {
        for (Path temporary : temporaries.values()) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // A leftover of this name harms nobody, and there may be a more important exception on its way.
                temporary.toFile().deleteOnExit();
            }
        }
        temporaries.clear();
    }
}
