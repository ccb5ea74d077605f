package normkit.bench.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void alignsNumbersToTheRight() {
        TextTable table = new TextTable(1);
        table.add(List.of("name", "n"));
        table.add(List.of("a", "1000"));
        table.add(List.of("bc", ""));
        assertEquals(List.of("name     n", "a     1000", "bc"), table.toString().lines().toList());
    }

    @Test
    void aTextThatIsWiderThanItsColumnMovesTheRestOfItsLine() {
        TextColumns columns = new TextColumns(1, List.of(4, 3));
        assertEquals(List.of("a       1", "abcdef    1", "abcdef"), List.of(columns.line(List.of("a", "1")),
                columns.line(List.of("abcdef", "1")), columns.line(List.of("abcdef"))));
    }

    @Test
    void writesAboutThreeDigits() {
        assertEquals(List.of("0.13", "9.99", "12.3", "156"),
                List.of(Digits.three(0.128), Digits.three(9.99), Digits.three(12.34), Digits.three(155.5)));
    }
}
