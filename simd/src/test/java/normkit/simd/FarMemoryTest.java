package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loops over far memory are split where they are of middle length, into such as are not. */
class FarMemoryTest {

    /** In vectors: with those of 512 bits, 512 to 1280 floats, where short loops were faster. */
    private static final int[] MIDDLE = {32, 48, 64, 80};
    private static final int[] SHORT = {1, 8, 16, 24};
    private static final int[] LONG = {96, 128, 256, 4096};

    private static Tensor tensor(DataType type, int mebibytes) {
        int elements = (mebibytes << 20) / type.bytes();
        TensorSpec spec = TensorSpec.rows(1, elements).as(type);
        return type == DataType.F32 ? Tensor.of(spec, new float[elements]) : Tensor.of(spec, new double[elements]);
    }

    private static int[] elements(int[] vectors, DataType type) {
        return Arrays.stream(vectors).map(n -> n * VectorBits.elements(type)).toArray();
    }

    private static void assertSplit(Tensor x, Tensor dy, int n) {
        int piece = FarMemory.piece(x, dy, n);
        assertTrue(piece > 0 && piece < n, n + " elements in pieces of " + piece);
        assertEquals(0, piece % VectorBits.elements(x.spec().type()), n + " elements in pieces of " + piece);
        assertWhole(x, dy, piece);
    }

    private static void assertWhole(Tensor x, Tensor dy, int n) {
        assertEquals(n, FarMemory.piece(x, dy, n));
    }

    @ParameterizedTest
    @EnumSource
    void farRowsOfMiddleLengthAreSplitIntoShortOnesOfWholeVectors(DataType type) {
        Tensor x = tensor(type, 64);
        for (int n : elements(MIDDLE, type)) {
            assertSplit(x, null, n);
            assertSplit(x, x, n);
        }
        assertSplit(x, null, elements(MIDDLE, type)[1] + VectorBits.elements(type) / 2);
    }

    @ParameterizedTest
    @EnumSource
    void shortAndLongRowsAreNotSplit(DataType type) {
        Tensor x = tensor(type, 64);
        for (int n : elements(SHORT, type)) {
            assertWhole(x, null, n);
        }
        for (int n : elements(LONG, type)) {
            assertWhole(x, null, n);
        }
    }

    /** Two of x's size go forward, three backward. */
    @ParameterizedTest
    @EnumSource
    void rowsOfOperandsThatFitACacheTogetherAreNotSplit(DataType type) {
        Tensor x = tensor(type, 10);
        Tensor larger = tensor(type, 15);
        for (int n : elements(MIDDLE, type)) {
            assertWhole(x, null, n);
            assertSplit(x, x, n);
            assertSplit(larger, null, n);
        }
    }
}
