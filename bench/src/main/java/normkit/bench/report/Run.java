package normkit.bench.report;

import java.util.List;
import java.util.Map;

/**
 * A result of {@code bench}, as its file tells it. Times are in seconds, memory in bytes; what was not measured is NaN.
 *
 * @param leftOut problems, or rows of them, there was no time for
 * @param facts machine and software by name, for a person
 * @param others number of rows of benchmarks that are not Normkit's
 */
record Run(String created, String commit, boolean complete, List<String> leftOut, Map<String, String> facts,
        List<Cache> caches, List<Bandwidth> bandwidths, List<Fma> fmas, List<Row> rows, List<Sweep> sweeps,
        List<Accuracy> accuracies, List<Regret> regrets, int others) {

    static final String COPY = "copy";

    record Cache(long level, long bytes) {}

    /** A rate at which memory is read and written; the working set is all memory that is touched. */
    record Bandwidth(String kind, long workingSet, long threads, double rate, double error) {}

    record Fma(String type, long bits, long threads, double rate, double error) {}

    /** What is computed, whoever does it. */
    record Problem(String operation, String pass, String layout, String shape, String groups) {

        private static final int FLOAT = 4;

        boolean backward() {
            return pass.endsWith("backward");
        }

        /** Bytes of x. */
        long bytes() {
            return elements(shape) * FLOAT;
        }

        /** Bytes that must at least be read and written: x and y, or x, dy and dx. */
        long traffic() {
            return bytes() * (backward() ? 3 : 2);
        }

        /** The name a person reads: the operation and pass in words and the shape. */
        String text() {
            return operation + " " + pass + " " + layout + " " + shapeAndGroups();
        }

        String shapeAndGroups() {
            return groups.equals("0") ? shape : shape + " /" + groups;
        }

        /**
         * Product of axis lengths such as 3x5x7.
         *
         * @throws ArithmeticException if it is too large
         * @throws NumberFormatException if these are no lengths
         */
        static long elements(String shape) {
            long elements = 1;
            for (String axis : shape.split("x", -1)) {
                elements = Math.multiplyExact(elements, Integer.parseUnsignedInt(axis));
            }
            return elements;
        }
    }

    /** Time of one call, with half the width of its confidence interval, and bytes allocated by it. */
    record Row(Problem problem, String backend, long threads, long degree, double time, double error,
            double allocated) {

        boolean isCopy() {
            return backend.equals(COPY);
        }

        /** Calls at once times threads of each. */
        long parallelism() {
            return threads * degree;
        }
    }

    /** Time of one call on x of some size. */
    record Sweep(String operation, String backend, long bytes, double time, double error) {

        private static final int X_AND_Y = 2;

        long traffic() {
            return bytes * X_AND_Y;
        }
    }

    /** Largest distance from the exact result on data of this mean and a standard deviation of 1. */
    record Accuracy(String operation, String backend, double offset, double error) {}

    /** What the planner chose, what was fastest, and the ratio of their times. */
    record Regret(Problem problem, long threads, String effort, String chosen, String best, double ratio) {}
}
