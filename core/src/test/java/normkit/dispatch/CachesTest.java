package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {

    @TempDir
    private Path directory;

    private void cache(int index, String level, String type, String size) throws IOException {
        Path cache = Files.createDirectories(directory.resolve("index" + index));
        Files.writeString(cache.resolve("level"), level + "\n");
        Files.writeString(cache.resolve("type"), type + "\n");
        Files.writeString(cache.resolve("size"), size + "\n");
    }

    @Test
    void sizesAreRead() throws IOException {
        cache(0, "1", "Data", "48K");
        cache(1, "1", "Instruction", "32K");
        cache(2, "2", "Unified", "1280K");
        cache(3, "3", "Unified", "24M");
        assertEquals(new Caches(1280 << 10, 24 << 20), Caches.read(directory));
    }

    @Test
    void whatIsUnknownIsUsual() throws IOException {
        assertEquals(Caches.USUAL, Caches.read(directory));
        cache(0, "2", "Unified", "a lot");
        assertEquals(Caches.USUAL, Caches.read(directory));
        cache(0, "2", "Unified", "512K");
        assertEquals(new Caches(512 << 10, 512 << 10), Caches.read(directory));
    }

    @Test
    void thisMachineHasCaches() {
        Caches here = Caches.here();
        assertTrue(here.second() > 0 && here.third() >= here.second(), here.toString());
    }

    @Test
    void levelsAreThoseOfThisMachine() {
        Caches.levels().forEach((level, bytes) -> assertTrue(level >= 1 && level <= 4 && bytes >= 1 << 10));
        if (Caches.levels().containsKey(2)) {
            assertEquals(Caches.here().second(), Caches.levels().get(2));
        }
    }
}
