package normkit.parts;

import java.util.Arrays;
import normkit.tensor.TensorSpec;

/**
 * The slices of a tensor along an axis as sets of elements: element ((b·outer + o)·sets + s)·inner + i belongs to set
 * b·sets + s. Walks a tensor from the first element to the last, in parts of any length, and takes one value per set to each
 * of its elements, or the elements' values to their sets. Immutable.
 *
 * <p>Values are added to a set in the order of the elements, except that those of a part which follow each other in one set are
 * summed first: every fourth into one of four sums, (s<sub>0</sub> + s<sub>1</sub>) + (s<sub>2</sub> + s<sub>3</sub>), and
 * then what is left, in order.
 */
public final class Slices {

    private final long outer;
    private final int sets;
    private final long inner;
    private final int count;

    private Slices(long batch, long outer, long sets, long inner) {
        this.outer = Math.max(1, outer);
        this.inner = Math.max(1, inner);
        this.sets = size(Math.max(1, sets));
        this.count = size(batch * sets);
    }

    private static int size(long sets) {
        if (sets > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("there are " + sets
                    + " sets of elements, which is more than the supported " + (Integer.MAX_VALUE - 8));
        }
        return (int) sets;
    }

    /**
     * All elements at one position of an axis are a set: the filters of a weight, the channels of a batch.
     *
     * @param spec the tensor
     * @param axis 0 … rank − 1
     * @return as many sets as the axis is long
     */
    public static Slices at(TensorSpec spec, int axis) {
        return new Slices(1, spec.product(0, axis), spec.axis(axis), spec.product(axis + 1, spec.rank()));
    }

    /**
     * All elements along one axis, everything else fixed, are a set: the rows of a matrix.
     *
     * @param spec the tensor
     * @param axis 0 … rank − 1
     * @return a set for every combination of the other axes, in order
     */
    public static Slices along(TensorSpec spec, int axis) {
        long before = spec.product(0, axis);
        long after = spec.product(axis + 1, spec.rank());
        return after == 1 ? new Slices(1, 1, before, spec.axis(axis)) : new Slices(before, spec.axis(axis), after, 1);
    }

    /**
     * The whole tensor is one set.
     *
     * @param spec the tensor
     * @return one set
     */
    public static Slices whole(TensorSpec spec) {
        return new Slices(1, 1, 1, spec.elements());
    }

    /**
     * The columns of a table with any number of rows are sets.
     *
     * @param columns how many
     * @return as many sets
     */
    public static Slices columns(long columns) {
        return new Slices(1, Long.MAX_VALUE, columns, 1);
    }

    /**
     * Returns the number of sets.
     *
     * @return sets
     */
    public int count() {
        return count;
    }

    /** Takes the values of elements that follow each other in one set, or of one element each of sets that do. */
    private interface Visitor {
        void run(int set, double[] perSet, double[] perElement, int from, int to);

        void row(int set, double[] perSet, double[] perElement, int from, int to);
    }

    private static final class Expand implements Visitor {
        static final Expand INSTANCE = new Expand();

        @Override
        public void run(int set, double[] perSet, double[] perElement, int from, int to) {
            Arrays.fill(perElement, from, to, perSet[set]);
        }

        @Override
        public void row(int set, double[] perSet, double[] perElement, int from, int to) {
            System.arraycopy(perSet, set, perElement, from, to - from);
        }
    }

    private static final class Add implements Visitor {
        static final Add INSTANCE = new Add();

        @Override
        public void run(int set, double[] perSet, double[] perElement, int from, int to) {
            double s0 = 0;
            double s1 = 0;
            double s2 = 0;
            double s3 = 0;
            int i = from;
            for (; i + 3 < to; i += 4) {
                s0 += perElement[i];
                s1 += perElement[i + 1];
                s2 += perElement[i + 2];
                s3 += perElement[i + 3];
            }
            double sum = (s0 + s1) + (s2 + s3);
            for (; i < to; i++) {
                sum += perElement[i];
            }
            perSet[set] += sum;
        }

        @Override
        public void row(int set, double[] perSet, double[] perElement, int from, int to) {
            for (int i = 0; i < to - from; i++) {
                perSet[set + i] += perElement[from + i];
            }
        }
    }

    private static final class Max implements Visitor {
        static final Max INSTANCE = new Max();

        @Override
        public void run(int set, double[] perSet, double[] perElement, int from, int to) {
            double max = perSet[set];
            for (int i = from; i < to; i++) {
                max = Math.max(max, perElement[i]);
            }
            perSet[set] = max;
        }

        @Override
        public void row(int set, double[] perSet, double[] perElement, int from, int to) {
            for (int i = 0; i < to - from; i++) {
                perSet[set + i] = Math.max(perSet[set + i], perElement[from + i]);
            }
        }
    }

    /**
     * Gives every element the value of its set.
     *
     * @param start index of the first element in the tensor
     * @param n how many elements
     * @param perSet one value per set
     * @param perElement receives {@code n} values
     */
    public void expand(long start, int n, double[] perSet, double[] perElement) {
        walk(start, n, perSet, perElement, Expand.INSTANCE);
    }

    /**
     * Adds the values of elements to their sets.
     *
     * @param start index of the first element in the tensor
     * @param n how many elements
     * @param perElement their values
     * @param perSet is added to
     */
    public void add(long start, int n, double[] perElement, double[] perSet) {
        walk(start, n, perSet, perElement, Add.INSTANCE);
    }

    /**
     * Raises the values of sets to those of their elements where these are larger, or NaN.
     *
     * @param start index of the first element in the tensor
     * @param n how many elements
     * @param perElement their values
     * @param perSet is raised
     */
    public void max(long start, int n, double[] perElement, double[] perSet) {
        walk(start, n, perSet, perElement, Max.INSTANCE);
    }

    private void walk(long start, int n, double[] perSet, double[] perElement, Visitor visitor) {
        long run = start / inner;
        long offset = start % inner;
        int set = (int) (run % sets);
        long slab = run / sets;
        int at = 0;
        while (at < n) {
            int base = (int) (slab / outer) * sets;
            if (inner == 1) {
                int length = Math.min(sets - set, n - at);
                visitor.row(base + set, perSet, perElement, at, at + length);
                at += length;
                set += length;
            } else {
                int length = (int) Math.min(inner - offset, n - at);
                visitor.run(base + set, perSet, perElement, at, at + length);
                at += length;
                offset = 0;
                set++;
            }
            if (set == sets) {
                set = 0;
                slab++;
            }
        }
    }
}
