package normkit.bench.limits;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Memory read and written by ordinary loads and stores of the largest vectors. */
final class VectorStream {

    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int BYTES = SPECIES.vectorByteSize();

    /** Size of the largest vectors. */
    static final int BITS = SPECIES.vectorBitSize();
    /** What sizes must be a multiple of. */
    static final int STEP = 4 * BYTES;

    private VectorStream() {
    }

    /** Sums everything, in four sums, because two loads can be had in the time of one addition. */
    static long read(MemorySegment from) {
        LongVector a = LongVector.zero(SPECIES);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        for (long i = 0; i < from.byteSize(); i += STEP) {
            a = a.add(LongVector.fromMemorySegment(SPECIES, from, i, ORDER));
            b = b.add(LongVector.fromMemorySegment(SPECIES, from, i + BYTES, ORDER));
            c = c.add(LongVector.fromMemorySegment(SPECIES, from, i + 2 * BYTES, ORDER));
            d = d.add(LongVector.fromMemorySegment(SPECIES, from, i + 3 * BYTES, ORDER));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    /** Writes one value everywhere. */
    static void write(MemorySegment to, long value) {
        LongVector vector = LongVector.broadcast(SPECIES, value);
        for (long i = 0; i < to.byteSize(); i += STEP) {
            vector.intoMemorySegment(to, i, ORDER);
            vector.intoMemorySegment(to, i + BYTES, ORDER);
            vector.intoMemorySegment(to, i + 2 * BYTES, ORDER);
            vector.intoMemorySegment(to, i + 3 * BYTES, ORDER);
        }
    }

    /** Copies everything. */
    static void copy(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i += STEP) {
            LongVector a = LongVector.fromMemorySegment(SPECIES, from, i, ORDER);
            LongVector b = LongVector.fromMemorySegment(SPECIES, from, i + BYTES, ORDER);
            LongVector c = LongVector.fromMemorySegment(SPECIES, from, i + 2 * BYTES, ORDER);
            LongVector d = LongVector.fromMemorySegment(SPECIES, from, i + 3 * BYTES, ORDER);
            a.intoMemorySegment(to, i, ORDER);
            b.intoMemorySegment(to, i + BYTES, ORDER);
            c.intoMemorySegment(to, i + 2 * BYTES, ORDER);
            d.intoMemorySegment(to, i + 3 * BYTES, ORDER);
        }
    }
}
