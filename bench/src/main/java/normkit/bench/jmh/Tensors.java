package normkit.bench.jmh;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Makes the tensors of a benchmark: f32, off the heap, filled with the same values every time. */
final class Tensors implements AutoCloseable {

    private static final long SEED = 20_260_101;
    /** Large tensors repeat what a block has; a prime, so that no two rows are equal. */
    private static final long BLOCK = 1_048_573;

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(SEED);

    Tensor zeros(TensorSpec spec) {
        return Tensor.allocate(spec.as(DataType.F32), arena);
    }

    /** Normally distributed numbers. */
    Tensor filled(TensorSpec spec) {
        Tensor tensor = zeros(spec);
        MemorySegment segment = tensor.segment();
        long elements = spec.elements();
        long block = Math.min(elements, BLOCK);
        for (long i = 0; i < block; i++) {
            segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        for (long i = block; i < elements; i += block) {
            MemorySegment.copy(segment, 0, segment, i * Float.BYTES, Math.min(block, elements - i) * Float.BYTES);
        }
        return tensor;
    }

    /** Numbers from 1 to 2: any spread will do, as long as it is above 0. */
    Tensor positive(TensorSpec spec) {
        Tensor tensor = zeros(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, 1 + random.nextDouble());
        }
        return tensor;
    }

    /** Frees them all. */
    @Override
    public void close() {
        arena.close();
    }
}
