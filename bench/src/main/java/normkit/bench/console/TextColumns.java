package normkit.bench.console;

import java.util.List;
import java.util.stream.Stream;

/**
 * Columns of text whose widths are known before the texts, so that a line can be printed as soon as there is one. A text
 * that is wider than its column moves the rest of its line.
 *
 * @param leftColumns number of columns that are aligned to the left; the others, which are numbers, to the right
 * @param widths width of each column
 */
public record TextColumns(int leftColumns, List<Integer> widths) {

    private static final String GAP = "  ";

    /** Keeps a copy of the widths. */
    public TextColumns {
        widths = List.copyOf(widths);
    }

    /**
     * Returns the width that a column needs.
     *
     * @param texts what will be in it, as its {@code toString()} says
     * @return the length of the longest
     */
    public static int widest(Stream<?> texts) {
        return texts.mapToInt(text -> text.toString().length()).max().orElse(0);
    }

    /**
     * Sets texts side by side.
     *
     * @param cells one text per column, or fewer
     * @return the line, without its end
     */
    public String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String blank = " ".repeat(Math.max(0, widths.get(i) - cell.length()));
            line.append(i < leftColumns ? cell + blank : blank + cell).append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
