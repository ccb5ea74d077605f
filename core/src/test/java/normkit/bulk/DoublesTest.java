package normkit.bulk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against reading and writing element by element, and nothing beside the range is touched. */
class DoublesTest {

    private static final int LENGTH = 2 * Doubles.BLOCK + 100;
    private static final int OFFSET = 3;
    private static final double UNTOUCHED = 7;

    private final Doubles doubles = new Doubles();

    /** On memory that starts before the tensor, and if native at an odd address. */
    private static Tensor tensor(DataType type, boolean heap, Arena arena) {
        TensorSpec spec = TensorSpec.rows(LENGTH).as(type);
        if (!heap) {
            return Tensor.of(spec, arena.allocate(spec.byteSize() + OFFSET), OFFSET);
        }
        return switch (type) {
            case F32 -> Tensor.of(spec, new float[LENGTH + OFFSET], OFFSET);
            case F64 -> Tensor.of(spec, new double[LENGTH + OFFSET], OFFSET);
        };
    }

    private static double[] random() {
        return new SplittableRandom(1).doubles(LENGTH, -1, 1).toArray();
    }

    @ParameterizedTest
    @CsvSource({"F32,true,0,1", "F32,true,5,2000", "F32,false,0,1", "F32,false,5,1024", "F32,false,5,2049",
        "F32,false,2147,1", "F64,true,5,2000", "F64,false,5,2049", "F64,false,5,0"})
    void readsARange(DataType type, boolean heap, int start, int count) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor from = tensor(type, heap, arena);
            double[] values = random();
            for (int i = 0; i < LENGTH; i++) {
                from.set(i, values[i]);
            }
            double[] to = new double[LENGTH + 1];
            Arrays.fill(to, UNTOUCHED);
            doubles.read(from, start, count, to, 2);
            for (int i = 0; i < to.length; i++) {
                boolean inside = i >= 2 && i < 2 + count;
                assertEquals(inside ? from.get(start + i - 2) : UNTOUCHED, to[i]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"F32,true,0,1", "F32,true,5,2000", "F32,false,0,1", "F32,false,5,1024", "F32,false,5,2049",
        "F32,false,2147,1", "F64,true,5,2000", "F64,false,5,2049", "F64,false,5,0"})
    void writesARange(DataType type, boolean heap, int start, int count) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor to = tensor(type, heap, arena);
            for (int i = 0; i < LENGTH; i++) {
                to.set(i, UNTOUCHED);
            }
            double[] values = random();
            doubles.write(values, 2, count, to, start);
            for (int i = 0; i < LENGTH; i++) {
                boolean inside = i >= start && i < start + count;
                assertEquals(inside ? type.round(values[i - start + 2]) : UNTOUCHED, to.get(i));
            }
        }
    }
}
