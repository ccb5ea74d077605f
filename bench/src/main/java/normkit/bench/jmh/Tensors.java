package normkit.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Makes the tensors of a benchmark, filled with the same values every time. */
final class Tensors implements AutoCloseable {

    private static final long SEED = 20_260_101;
    /** Large tensors repeat what a block has; a prime, so that no two rows are equal. */
    private static final long BLOCK = 1_048_573;

    private final Home home;
    private final Arena arena;
    private final SplittableRandom random = new SplittableRandom(SEED);

    Tensors(Home home) {
        this.home = home;
        this.arena = home.open();
    }

    Tensor zeros(TensorSpec spec) {
        return Home.allocate(spec, arena);
    }

    /** Normally distributed numbers. */
    Tensor filled(TensorSpec spec) {
        Tensor tensor = zeros(spec);
        MemorySegment memory = Home.memory(tensor);
        int bytes = spec.type().bytes();
        long elements = spec.elements();
        long block = Math.min(elements, BLOCK);
        for (long i = 0; i < block; i++) {
            tensor.set(i, random.nextGaussian());
        }
        for (long i = block; i < elements; i += block) {
            MemorySegment.copy(memory, 0, memory, i * bytes, Math.min(block, elements - i) * bytes);
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
        home.close(arena);
    }
}
