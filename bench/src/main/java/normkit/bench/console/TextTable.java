package normkit.bench.console;

import java.util.ArrayList;
import java.util.List;

/** Columns of text of the width they need, the first ones to the left, the others, which are numbers, to the right. */
public final class TextTable {

    private static final String GAP = "  ";

    private final int leftColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Makes an empty table.
     *
     * @param leftColumns number of columns that are aligned to the left
     */
    public TextTable(int leftColumns) {
        this.leftColumns = leftColumns;
    }

    /**
     * Adds a row.
     *
     * @param cells its texts
     */
    public void add(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    @Override
    public String toString() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String blank = " ".repeat(widths[i] - row.get(i).length());
                line.append(i < leftColumns ? row.get(i) + blank : blank + row.get(i)).append(GAP);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}
