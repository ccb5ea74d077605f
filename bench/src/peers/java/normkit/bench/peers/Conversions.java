package normkit.bench.peers;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.DoubleUnaryOperator;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Between the statistic a caller has and the one a library has, of variance and rstd. */
final class Conversions {

    private Conversions() {
    }

    /** Where a library reads rstd. */
    static MemorySegment readRstd(NativeFloats argument, Statistics in, Problem problem) {
        return in.rstd() != null
                ? argument.read(in.rstd())
                : convert(in.variance(), argument.buffer(), v -> 1 / Math.sqrt(v + problem.epsilon()));
    }

    /** Where a library reads the variance. */
    static MemorySegment readVariance(NativeFloats argument, Statistics in, Problem problem) {
        return in.variance() != null
                ? argument.read(in.variance())
                : convert(in.rstd(), argument.buffer(), r -> 1 / (r * r) - problem.epsilon());
    }

    private static MemorySegment convert(Tensor from, MemorySegment to, DoubleUnaryOperator operator) {
        for (long i = 0; i < from.spec().elements(); i++) {
            to.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) operator.applyAsDouble(from.get(i)));
        }
        return to;
    }

    /** Completes rstd, which a library wrote to {@code written}, and saves the variance that follows from it. */
    static void finishRstd(NativeFloats argument, MemorySegment written, Statistics out, Problem problem) {
        argument.finish(out.rstd());
        Tensor variance = out.variance();
        for (long i = 0; variance != null && i < variance.spec().elements(); i++) {
            double r = written.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES);
            variance.set(i, Math.max(0, 1 / (r * r) - problem.epsilon()));
        }
    }

    /** Says of statistics a library keeps to itself that they are not known. */
    static void unknown(Statistics out) {
        unknown(out.mean());
        unknown(out.variance());
        unknown(out.rstd());
    }

    private static void unknown(Tensor tensor) {
        for (long i = 0; tensor != null && i < tensor.spec().elements(); i++) {
            tensor.set(i, Double.NaN);
        }
    }
}
