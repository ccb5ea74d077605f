package normkit.onednn;

import java.lang.foreign.Arena;
import java.util.Random;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Where tensors of a test live: on the heap, or in native memory aligned to cache lines, to elements or to bytes
 * only.
 */
enum Tensors {
    HEAP, NATIVE, ELEMENT_ALIGNED, BYTE_ALIGNED;

    /** A tensor whose elements are all NaN, so that what is not written shows. */
    Tensor make(TensorSpec spec, Arena arena) {
        Tensor tensor = switch (this) {
            case HEAP -> Tensor.of(spec, new float[(int) spec.elements() + 3], 3);
            case NATIVE -> Tensor.allocate(spec, arena);
            case ELEMENT_ALIGNED -> Tensor.of(spec, arena.allocate(spec.byteSize() + 4, 64), 4);
            case BYTE_ALIGNED -> Tensor.of(spec, arena.allocate(spec.byteSize() + 1, 64), 1);
        };
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, Double.NaN);
        }
        return tensor;
    }

    Tensor random(TensorSpec spec, Arena arena, Random random, double mean, double deviation) {
        Tensor tensor = make(spec, arena);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, mean + deviation * random.nextGaussian());
        }
        return tensor;
    }

    Tensor copy(Tensor of, Arena arena) {
        Tensor tensor = make(of.spec(), arena);
        for (long i = 0; i < of.spec().elements(); i++) {
            tensor.set(i, of.get(i));
        }
        return tensor;
    }

    /** Mean, variance and rstd, all there, f64. */
    static Statistics statistics(Problem problem) {
        TensorSpec spec = problem.statisticsSpec().as(DataType.F64);
        return new Statistics(Tensor.allocate(spec), Tensor.allocate(spec), Tensor.allocate(spec));
    }
}
