package normkit.simd;

import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** The means of the columns of a few rows, rounded like elements. They need no constants: C2 makes vectors of these loops. */
final class ColumnMeans {

    private final DataType type;
    private int columns;
    /** A sum per column, and after those a row from native memory. */
    private Tensor sums;

    ColumnMeans(DataType type) {
        this.type = type;
        this.sums = Scratch.allocate(type, 0);
    }

    /** Makes the sums of a number of columns 0. */
    void clear(int count) {
        columns = count;
        if (sums.spec().elements() < 2L * count) {
            sums = Scratch.allocate(type, 2L * count);
        }
        Scratch.clear(sums, 0, count);
    }

    /** Adds a row of x, which starts at an index, to the sums. */
    void add(Tensor x, long at) {
        Tensor from = x;
        int start = (int) (x.offset() + at);
        if (!x.isHeap()) {
            from = sums;
            start = columns;
            Scratch.read(x.segment(), x.offset() + at * type.bytes(), sums, columns, columns);
        }
        switch (type) {
            case F32 -> add(from.floats(), start, sums.floats());
            case F64 -> add(from.doubles(), start, sums.doubles());
        }
    }

    private void add(float[] row, int start, float[] sum) {
        for (int j = 0; j < columns; j++) {
            sum[j] += row[start + j];
        }
    }

    private void add(double[] row, int start, double[] sum) {
        for (int j = 0; j < columns; j++) {
            sum[j] += row[start + j];
        }
    }

    /** Divides the sums by the number of rows. */
    void divide(int rows, double[] means) {
        boolean isFloat = type == DataType.F32;
        for (int j = 0; j < columns; j++) {
            means[j] = isFloat ? sums.floats()[j] / rows : sums.doubles()[j] / rows;
        }
    }
}
