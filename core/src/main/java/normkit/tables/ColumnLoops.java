package normkit.tables;

import normkit.bulk.Doubles;
import normkit.parts.Scratch;
import normkit.parts.Slices;
import normkit.tensor.Arguments;
import normkit.tensor.Tensor;

/** Applies a formula with some constants per column to every element, in double. Thread-safe. */
final class ColumnLoops {

    /** A formula over a block of elements; constants are per element. */
    interface Formula {
        void apply(double[] x, double[][] constants, int n);
    }

    private static final class Run {
        final Doubles doubles = new Doubles();
        final double[] x = new double[Doubles.BLOCK];
        final double[][] constants;

        Run(int constants) {
            this.constants = new double[constants][Doubles.BLOCK];
        }
    }

    private final int columns;
    private final Slices slices;
    private final double[][] constants;
    private final Scratch<Run> pool;

    /** The arrays hold one value per column each, and stay as they are. */
    ColumnLoops(double[]... constants) {
        this.columns = constants[0].length;
        this.slices = Slices.columns(columns);
        this.constants = constants;
        this.pool = new Scratch<>(() -> new Run(constants.length));
    }

    void apply(String fromName, Tensor from, String toName, Tensor to, Formula formula) {
        Table.requireRows(fromName, from, columns);
        Arguments.require(fromName, from, from.spec());
        Arguments.require(toName, to, from.spec());
        Arguments.output(toName, to);
        Arguments.apartOrSame(toName, to, fromName, from);
        Run s = pool.take();
        long elements = from.spec().elements();
        for (long start = 0; start < elements; start += Doubles.BLOCK) {
            int n = (int) Math.min(Doubles.BLOCK, elements - start);
            s.doubles.read(from, start, n, s.x, 0);
            for (int k = 0; k < constants.length; k++) {
                slices.expand(start, n, constants[k], s.constants[k]);
            }
            formula.apply(s.x, s.constants, n);
            s.doubles.write(s.x, 0, n, to, start);
        }
        pool.giveBack(s);
    }
}
