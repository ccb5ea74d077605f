package normkit.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TensorTest {

    private static final TensorSpec FOUR = TensorSpec.rows(4);

    @Test
    void readsAndWritesEveryCarrierAtItsOffset() {
        float[] floats = new float[6];
        Tensor.of(FOUR, floats, 2).set(3, 1.5);
        assertEquals(1.5f, floats[5]);
        double[] doubles = new double[6];
        Tensor.of(FOUR.as(DataType.F64), doubles, 1).set(0, 1.1);
        assertEquals(1.1, doubles[1]);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(17);
            Tensor view = Tensor.of(FOUR, segment, 1);
            view.set(3, 0.1);
            assertEquals((double) 0.1f, view.get(3));
            assertFalse(view.isHeap());
        }
    }

    @Test
    void unwrapsHeapSegments() {
        float[] array = {0, 1, 2, 3, 4, 5};
        Tensor view = Tensor.of(FOUR, MemorySegment.ofArray(array).asSlice(4), 4);
        assertSame(array, view.floats());
        assertEquals(2, view.offset());
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, MemorySegment.ofArray(new int[4])));
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, MemorySegment.ofArray(array).asReadOnly()));
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, MemorySegment.ofArray(array), 3));
    }

    @Test
    void refusesCarriersThatAreTooShortAndNamesTheNumbers() {
        var error = assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, new float[5], 2));
        assertTrue(error.getMessage().contains("5") && error.getMessage().contains("needs 4"), error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, new float[5], -1));
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(FOUR, new double[5]));
    }

    @Test
    void knowsWhichMemoryIsShared() {
        float[] array = new float[8];
        Tensor low = Tensor.of(FOUR, array, 0);
        Tensor middle = Tensor.of(FOUR, array, 3);
        Tensor high = Tensor.of(FOUR, array, 4);
        assertTrue(low.overlaps(middle));
        assertFalse(low.overlaps(high));
        assertTrue(low.sameMemory(Tensor.of(FOUR, array)));
        assertFalse(low.sameMemory(middle));
        assertFalse(low.overlaps(Tensor.of(FOUR, new float[8])));
        Tensor nothing = Tensor.of(TensorSpec.rows(0), array, 2);
        assertFalse(low.overlaps(nothing) || nothing.overlaps(low));
    }

    @Test
    void knowsWhichNativeMemoryIsShared() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64);
            Tensor low = Tensor.of(FOUR, segment);
            // The same memory seen through another segment, as another type.
            Tensor same = Tensor.of(FOUR, segment.asSlice(0, 16).asReadOnly());
            assertTrue(low.sameMemory(same) && low.overlaps(same));
            assertTrue(low.overlaps(Tensor.of(TensorSpec.rows(2).as(DataType.F64), segment, 15)));
            assertFalse(low.overlaps(Tensor.of(FOUR, segment, 16)));
            assertFalse(low.sameMemory(Tensor.of(TensorSpec.rows(3), segment)));
            assertFalse(low.overlaps(Tensor.of(FOUR, new float[4])));
        }
    }

    @Test
    void checksShapes() {
        assertThrows(IllegalArgumentException.class, () -> TensorSpec.rows(3, -1));
        assertThrows(IllegalArgumentException.class, () -> TensorSpec.rows(Long.MAX_VALUE, 2));
        assertThrows(IllegalArgumentException.class, () -> TensorSpec.channelsFirst(3));
        assertEquals(0, TensorSpec.rows(0, Long.MAX_VALUE).elements());
        assertEquals(5, TensorSpec.channelsLast(2, 3, 4, 5).channels());
        assertEquals(12, TensorSpec.channelsLast(2, 3, 4, 5).spatial());
        assertEquals(20, TensorSpec.channelsFirst(2, 3, 4, 5).spatial());
    }
}
