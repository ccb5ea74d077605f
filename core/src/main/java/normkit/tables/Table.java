package normkit.tables;

import java.util.Objects;
import normkit.bulk.Doubles;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;

/** Checks that tensors are parts of a table with some columns. */
final class Table {

    private Table() {
    }

    static int requireColumns(int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("columns is " + columns + "; it must be at least 1");
        }
        return columns;
    }

    /** Returns how many rows a part has. */
    static long requireRows(String name, Tensor part, int columns) {
        Objects.requireNonNull(part, name);
        if (part.spec().layout() != Layout.ROWS || part.spec().axis(part.spec().rank() - 1) != columns) {
            throw new IllegalArgumentException(
                    name + " is " + part + "; it must have layout ROWS and " + columns + " columns, its last axis");
        }
        return part.spec().elements() / columns;
    }

    /** Refuses NaN. */
    static void requireNumbers(String name, Tensor rows, int columns, Doubles doubles, double[] block) {
        long elements = rows.spec().elements();
        for (long start = 0; start < elements; start += block.length) {
            int n = (int) Math.min(block.length, elements - start);
            doubles.read(rows, start, n, block, 0);
            for (int i = 0; i < n; i++) {
                if (Double.isNaN(block[i])) {
                    throw new IllegalArgumentException(name + " is NaN at row " + (start + i) / columns + ", column "
                            + (start + i) % columns + "; it must be a number, or NanPolicy OMIT or PROPAGATE");
                }
            }
        }
    }
}
