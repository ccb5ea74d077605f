package normkit.bench.console;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Columns of text of the width they need, the first ones to the left, the others, which are numbers, to the right. */
public final class TextTable {

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
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = row.get(i).length();
                if (i == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(i, Math.max(widths.get(i), width));
                }
            }
        }
        TextColumns columns = new TextColumns(leftColumns, widths);
        return rows.stream().map(row -> columns.line(row) + System.lineSeparator()).collect(Collectors.joining());
    }
}
