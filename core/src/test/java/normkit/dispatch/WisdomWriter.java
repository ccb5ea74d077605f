package normkit.dispatch;

import java.nio.file.Path;
import java.util.Map;

/** Run in processes of its own: adds entries to a wisdom file one by one. */
public final class WisdomWriter {

    private WisdomWriter() {
    }

    /**
     * Writes.
     *
     * @param args file, prefix of the problems' names, number of entries
     */
    public static void main(String[] args) {
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            // New each time, so that only the file remembers.
            new Wisdom(Path.of(args[0]), "here").remember(args[1] + " " + i, new Verdict(Map.of("simd", i + 1.0)));
        }
    }
}
