package normkit.bench.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holds docs/techniques.md to the options {@code apply} has. */
class OptionTableTest {

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private String section;

    @BeforeEach
    void read() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "techniques.md"));
        section = page.substring(page.indexOf("## On the command line"));
    }

    private static Set<String> codes(String text) {
        return CODE.matcher(text).results().map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<String, Set<String>> table() {
        Map<String, Set<String>> table = new TreeMap<>();
        section.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("\\|")).forEach(
                cells -> codes(cells[1]).forEach(name -> assertEquals(null, table.put(name, codes(cells[2])), name)));
        return table;
    }

    @Test
    void everyOptionOfApplyIsInTheTableAndNoOther() {
        Map<String, Set<String>> expected =
                Applicable.all().collect(Collectors.toMap(Applicable::label, one -> new TreeSet<>(one.options())));
        assertEquals(new TreeMap<>(expected), table());
    }

    @Test
    void whatAllReadIsToldBefore() {
        Set<String> told = codes(section.substring(0, section.indexOf("| NAME")));
        assertTrue(told.remove("apply NAME") && told.remove("apply --help"), told.toString());
        assertEquals(new TreeSet<>(Applicable.COMMON), told);
    }
}
