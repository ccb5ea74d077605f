package normkit.conformance.catalogue;

import java.util.stream.IntStream;
import normkit.tensor.TensorSpec;

/** A tensor as a matrix: one row for each position of an axis, the columns in the order of memory. */
record Lines(TensorSpec spec, int axis) {

    int rows() {
        return (int) spec.axis(axis);
    }

    private int inner() {
        return (int) spec.product(axis + 1, spec.rank());
    }

    int row(int element) {
        return element / inner() % rows();
    }

    /** Which position of all other axes, in order, an element is at. */
    int column(int element) {
        return element / (inner() * rows()) * inner() + element % inner();
    }

    int columns() {
        return (int) spec.elements() / rows();
    }

    int[] ofRow(int row) {
        return IntStream.range(0, (int) spec.elements()).filter(i -> row(i) == row).toArray();
    }

    int[] ofColumn(int column) {
        return IntStream.range(0, (int) spec.elements()).filter(i -> column(i) == column).toArray();
    }
}
