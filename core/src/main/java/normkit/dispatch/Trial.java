package normkit.dispatch;

import java.lang.foreign.Arena;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Operands of a problem in memory of their own, filled with noise, to run executions on and to compare their results. */
final class Trial implements AutoCloseable {

    /** Results are compared at about this many places of each. */
    private static final long PLACES = 4096;
    /** Largest difference allowed, in units of the largest value of that result. */
    private static final double F32_TOLERANCE = 1e-3;
    private static final double F64_TOLERANCE = 1e-9;

    private final Arena arena = Arena.ofShared();
    private final Problem problem;
    private final Carrier carrier;
    private long seed = 0x9E3779B97F4A7C15L;
    private final Tensor x;
    /** Added to x, or to dx. */
    private final Tensor residual;
    private final Tensor sum;
    private final Tensor dy;
    private final Tensor scale;
    private final Tensor shift;
    private final Statistics statistics;
    /** What an execution writes: y or dx, and perhaps the gradients of γ and β. */
    private final Tensor[] results;

    Trial(Problem problem, Carrier carrier) {
        this.problem = problem;
        this.carrier = carrier;
        try {
            boolean backward = problem.pass().backward();
            x = filled(problem.x());
            residual = problem.fusion().residual() ? filled(problem.x()) : null;
            sum = problem.fusion().residual() ? allocate(problem.x()) : null;
            dy = backward ? filled(problem.x()) : null;
            scale = problem.hasScale() ? filled(problem.parameterSpec()) : null;
            boolean needsShift = problem.hasShift() && !backward || problem.gradientNeedsShift();
            shift = needsShift ? filled(problem.parameterSpec()) : null;
            statistics = statistics(problem.statisticsSpec());
            results = backward
                    ? new Tensor[] {allocate(problem.x()),
                        problem.hasScale() ? allocate(problem.parameterSpec()) : null,
                        problem.hasShift() ? allocate(problem.parameterSpec()) : null}
                    : new Tensor[] {allocate(problem.x())};
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private Statistics statistics(TensorSpec spec) {
        Tensor mean = problem.operation().centred() ? filled(spec) : null;
        Tensor rstd = allocate(spec);
        if (problem.pass() != Pass.FORWARD) {
            for (long i = 0; i < spec.elements(); i++) {
                // Any spread will do, as long as it is above 0.
                rstd.set(i, 1.5 + noise() / 2);
            }
        }
        return Statistics.meanAndRstd(mean, rstd);
    }

    private Tensor allocate(TensorSpec spec) {
        return carrier == Carrier.HEAP ? Tensor.allocate(spec) : Tensor.allocate(spec, arena);
    }

    private Tensor filled(TensorSpec spec) {
        Tensor tensor = allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, noise());
        }
        return tensor;
    }

    /** Even noise from −1 to 1, by xorshift: quick, and the same every time. */
    private double noise() {
        seed ^= seed << 13;
        seed ^= seed >>> 7;
        seed ^= seed << 17;
        return seed * 0x1p-63;
    }

    void run(Execution execution) {
        if (problem.pass().backward()) {
            execution.backward(dy, residual, x, scale, shift, statistics, results[0], results[1], results[2]);
        } else {
            execution.forward(x, residual, sum, scale, shift, statistics, results[0]);
        }
    }

    /** Runs once and returns some of each result. */
    double[][] sampled(Execution execution) {
        for (Tensor result : results) {
            spoil(result);
        }
        run(execution);
        double[][] samples = new double[results.length][];
        for (int r = 0; r < results.length; r++) {
            samples[r] = sample(results[r]);
        }
        return samples;
    }

    /** So that a result of an earlier run is not taken for this one's. */
    private static void spoil(Tensor tensor) {
        long step = step(tensor);
        for (long i = 0; tensor != null && i < tensor.spec().elements(); i += step) {
            tensor.set(i, Double.NaN);
        }
    }

    private static double[] sample(Tensor tensor) {
        if (tensor == null) {
            return new double[0];
        }
        long step = step(tensor);
        double[] sample = new double[(int) ((tensor.spec().elements() + step - 1) / step)];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = tensor.get(i * step);
        }
        return sample;
    }

    /** Odd, so that no power of two in the shape hides a part of it. */
    private static long step(Tensor tensor) {
        return tensor == null ? 1 : tensor.spec().elements() / PLACES | 1;
    }

    /** How results differ by more than rounding; null if they do not. */
    String difference(double[][] expected, double[][] actual) {
        double tolerance = problem.type() == DataType.F32 ? F32_TOLERANCE : F64_TOLERANCE;
        for (int r = 0; r < expected.length; r++) {
            double largest = 0;
            for (double value : expected[r]) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < expected[r].length; i++) {
                // Also true of NaN.
                if (!(Math.abs(expected[r][i] - actual[r][i]) <= tolerance * largest)) {
                    return "its result is wrong: " + actual[r][i] + " instead of " + expected[r][i];
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        arena.close();
    }
}
