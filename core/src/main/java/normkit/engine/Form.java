package normkit.engine;

import normkit.geometry.Columns;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** A problem compressed to a canonical form. */
sealed interface Form {

    /** From this many spatial elements on, the planes of channels-first batch norm are runs; below, they are columns. */
    int LEAST_PLANE = 16;

    /** From this many units per thread on, the units are divided. */
    int FEW = 4;

    /**
     * Sets of runs. Statistics are taken over {@code statistics}; γ and β are applied over {@code affine}, which cuts every
     * statistics set into {@code share} sets of its own, in order.
     *
     * @param statistics what shares a mean and variance
     * @param affine what shares a γ and β, or, if elementwise, has one γ and β per element
     * @param share affine sets per statistics set
     * @param elementwise whether γ and β vary within an affine set and are the same for all of them
     * @param parameters number of γ, β; without elementwise, affine set i has number i mod parameters
     */
    record OfRuns(Runs statistics, Runs affine, long share, boolean elementwise, long parameters) implements Form {

        /** The statistics set that an affine set is part of. */
        long setOf(long affineSet) {
            // Mostly they are the same, and a division takes as long as some vectors.
            return share == 1 ? affineSet : affineSet / share;
        }

        @Override
        public long units() {
            return statistics.sets();
        }

        @Override
        public boolean within(int threads, boolean summed) {
            long few = (long) FEW * threads;
            long tasks = summed && rowwise() ? Lanes.ceilDiv(units(), chunk(1)) : units();
            return statistics.chunks() > 1 && (units() < few || tasks < Math.min(few, statistics.chunks()));
        }

        @Override
        public boolean inBlocks() {
            return rowwise() && statistics.chunks() == 1 && units() <= chunk(1);
        }

        /** Whether sets are rows with the same γ and β for all. */
        boolean rowwise() {
            return elementwise && share == 1;
        }

        @Override
        public long chunk(int parts) {
            if (rowwise()) {
                return Lanes.blocksPerChunk(Lanes.ceilDiv(statistics.sets(), Lanes.ROW_DEPTH)) * Lanes.ROW_DEPTH;
            }
            long perSample = elementwise ? 1 : parameters / share;
            return Form.chunk(statistics.sets() / perSample, perSample, elementwise ? 1 : parts);
        }
    }

    /**
     * Sets of columns.
     *
     * @param columns the matrices
     * @param share whose γ and β a column has
     */
    record OfColumns(Columns columns, Share share) implements Form {

        /** Index of the γ and β of a column. */
        int parameter(long matrix, int column) {
            return switch (share) {
                case COLUMN -> column;
                case SET -> column / columns.fold();
                case SET_OF_MATRIX -> (int) (matrix * columns.setsPerMatrix()) + column / columns.fold();
            };
        }

        @Override
        public long units() {
            return columns.batch();
        }

        @Override
        public boolean within(int threads, boolean summed) {
            // Matrices that come out even are divided: what is done per column is then divided as well, and nobody waits.
            boolean even = columns.batch() % threads == 0;
            return columns.chunks() > 1 && columns.batch() < (long) FEW * threads && !even;
        }

        @Override
        public boolean inBlocks() {
            return false;
        }

        @Override
        public long chunk(int parts) {
            return Form.chunk(columns.batch(), 1, parts);
        }
    }

    /** What has a γ and β of its own. */
    enum Share {
        /** Every column, the same in all matrices. */
        COLUMN,
        /** Every set, the same in all matrices. */
        SET,
        /** Every set. */
        SET_OF_MATRIX
    }

    /** Number of units, which are independent but for the gradients of γ and β: statistics sets, or matrices. */
    long units();

    /**
     * Whether threads had better share each unit, because there are few and large ones, than divide the units.
     *
     * @param summed whether the gradients of γ and β are summed, so that units can be divided by whole chunks only
     */
    boolean within(int threads, boolean summed);

    /**
     * Whether the units are a single chunk in which the gradients of γ and β are summed over blocks of
     * {@link Lanes#ROW_DEPTH} units, whose sums are then added in index order: blocks can be divided as well.
     */
    boolean inBlocks();

    /**
     * How many units make a chunk: the gradients of γ and β are summed in index order in each chunk, and then over the
     * chunks. What results does not depend on {@code parts}.
     *
     * @param parts about how many chunks are wanted
     */
    long chunk(int parts);

    /** Samples, of some units each, of which every one has a γ of its own: a chunk is some samples or some of these units. */
    private static long chunk(long samples, long perSample, int parts) {
        if (samples > Lanes.MOST_CHUNKS) {
            return perSample * Lanes.ceilDiv(samples, Lanes.MOST_CHUNKS);
        }
        // As no chunk has two units of one γ, that γ's units are added in index order however they are cut.
        return Math.min(perSample, Lanes.ceilDiv(samples * perSample, parts));
    }

    /** Compresses a problem that is not empty. */
    static Form of(Problem problem) {
        TensorSpec x = problem.x();
        return switch (problem.operation()) {
            case LAYER_NORM, RMS_NORM -> {
                Runs rows = Runs.rows(problem.statisticsSpec().elements(), problem.setSize());
                boolean affine = problem.hasScale() || problem.hasShift();
                // Without parameters, rows count as having each its own, which makes them independent.
                yield new OfRuns(rows, rows, 1, affine, affine ? rows.length() : rows.sets());
            }
            case BATCH_NORM -> channelsFirst(x)
                    ? planes(x)
                    : new OfColumns(new Columns(1, x.batch() * x.spatial(), columns(x.channels()), 1), Share.COLUMN);
            case GROUP_NORM -> grouped(x, problem.groups());
            case INSTANCE_NORM -> grouped(x, x.channels());
        };
    }

    /** Compresses a problem that is not empty and has a γ and β for each of its sets, whatever they are usually for. */
    static Form perSet(Problem problem) {
        return switch (of(problem)) {
            case OfRuns runs -> new OfRuns(runs.statistics(), runs.statistics(), 1, false, runs.statistics().sets());
            case OfColumns columns -> new OfColumns(columns.columns(), Share.SET_OF_MATRIX);
        };
    }

    /** A single channel is first as well as last. */
    private static boolean channelsFirst(TensorSpec x) {
        return x.layout() == Layout.CHANNELS_FIRST || x.channels() == 1;
    }

    private static Form planes(TensorSpec x) {
        long n = x.batch();
        long c = x.channels();
        long s = x.spatial();
        if (n > 1 && s < LEAST_PLANE) {
            return new OfColumns(new Columns(1, n, columns(c * s), (int) s), Share.SET);
        }
        Runs planes = Runs.planes(n, c, s);
        return new OfRuns(planes, planes, 1, false, c);
    }

    private static Form grouped(TensorSpec x, long groups) {
        long n = x.batch();
        long c = x.channels();
        long s = x.spatial();
        long perGroup = c / groups;
        if (channelsFirst(x)) {
            return new OfRuns(Runs.rows(n * groups, perGroup * s), Runs.rows(n * c, s), perGroup, false, c);
        }
        if (groups == 1) {
            return new OfRuns(Runs.rows(n, s * c), Runs.rows(n * s, c), s, true, c);
        }
        return new OfColumns(new Columns(n, s, columns(c), (int) perGroup), Share.COLUMN);
    }

    private static int columns(long count) {
        // A column needs some arrays of its own, so their number has to fit an index with room for widening.
        if (count > Integer.MAX_VALUE / 16) {
            throw new IllegalArgumentException(
                    "a matrix of " + count + " columns is wider than the supported " + Integer.MAX_VALUE / 16);
        }
        return (int) count;
    }
}
