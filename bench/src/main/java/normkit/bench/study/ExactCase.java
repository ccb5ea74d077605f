package normkit.bench.study;

import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.SplittableRandom;
import normkit.BatchNorm;
import normkit.bench.run.Operands;
import normkit.bench.run.PlannedPass;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Data of one mean and a standard deviation of 1, and what must come out of a forward pass, by decimal arithmetic of more
 * digits than matter. γ is 1 and β is 0, so that errors are in standard deviations.
 */
final class ExactCase implements AutoCloseable {

    /** The means. */
    static final List<Double> OFFSETS = List.of(0.0, 1.0, 1e2, 1e3, 1e4, 1e5, 1e6);

    private static final long SEED = 20_260_101;
    private static final MathContext DIGITS = new MathContext(40);
    private static final int SETS = 4;
    private static final int SET_SIZE = 4096;

    private final Arena arena = Arena.ofShared();
    private final Problem problem;
    private final double offset;
    private final Tensor x;
    private final BigDecimal[] exact;

    ExactCase(Operation operation, double offset) {
        this.problem = workload(operation).problem();
        this.offset = offset;
        this.x = Tensor.allocate(problem.x(), arena);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < SETS * SET_SIZE; i++) {
            x.set(i, offset + random.nextGaussian());
        }
        this.exact = new BigDecimal[SETS * SET_SIZE];
        for (int set = 0; set < SETS; set++) {
            normalize(set * SET_SIZE);
        }
    }

    /** Shapes whose sets lie one after another, 4096 elements each. */
    private static Workload workload(Operation operation) {
        return switch (operation) {
            case LAYER_NORM, RMS_NORM -> new Workload(operation.label(), "forward", "rows", "4x4096", "0");
            case BATCH_NORM, INSTANCE_NORM -> new Workload(operation.label(), "forward", "ncx", "1x4x64x64", "0");
            case GROUP_NORM -> new Workload(operation.label(), "forward", "ncx", "1x16x32x32", "4");
        };
    }

    private void normalize(int start) {
        BigDecimal count = BigDecimal.valueOf(SET_SIZE);
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = start; i < start + SET_SIZE && problem.operation().centred(); i++) {
            sum = sum.add(new BigDecimal(x.get(i)));
        }
        BigDecimal mean = sum.divide(count, DIGITS);
        BigDecimal squares = BigDecimal.ZERO;
        for (int i = start; i < start + SET_SIZE; i++) {
            BigDecimal distance = new BigDecimal(x.get(i)).subtract(mean, DIGITS);
            squares = squares.add(distance.multiply(distance, DIGITS), DIGITS);
        }
        BigDecimal deviation =
                squares.divide(count, DIGITS).add(new BigDecimal(problem.epsilon()), DIGITS).sqrt(DIGITS);
        for (int i = start; i < start + SET_SIZE; i++) {
            exact[i] = new BigDecimal(x.get(i)).subtract(mean, DIGITS).divide(deviation, DIGITS);
        }
    }

    Problem problem() {
        return problem;
    }

    /** What must be element i of y. */
    BigDecimal exact(int i) {
        return exact[i];
    }

    /**
     * Runs a backend.
     *
     * @throws IllegalStateException if it is not available or declines the problem
     */
    Accuracy run(String backend) {
        Tensor y = Tensor.allocate(problem.x(), arena);
        Tensor scale = constant(problem.parameterSpec(), 1);
        Tensor shift = problem.hasShift() ? constant(problem.parameterSpec(), 0) : null;
        Tensor mean = problem.operation().centred() ? constant(problem.statisticsSpec(), 0) : null;
        Statistics saved = Statistics.meanAndRstd(mean, constant(problem.statisticsSpec(), 0));
        try (PlannedPass pass = PlannedPass.of(problem, BatchNorm.create(), backend)) {
            pass.run(Operands.forward(x, scale, shift, saved, null, y));
        }
        double error = 0;
        for (int i = 0; i < exact.length; i++) {
            double value = y.get(i);
            error = Math.max(error,
                    Double.isFinite(value)
                            ? new BigDecimal(value).subtract(exact[i], DIGITS).abs().doubleValue()
                            : Double.POSITIVE_INFINITY);
        }
        return new Accuracy(problem.operation().label(), backend, offset, error);
    }

    private Tensor constant(TensorSpec spec, double value) {
        Tensor tensor = Tensor.allocate(spec, arena);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, value);
        }
        return tensor;
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        arena.close();
    }
}
