package normkit.engine;

import normkit.moments.ShiftedSums;
import normkit.tensor.DataType;

/**
 * When sums formed in an element type can be trusted: nothing overflowed, and no square that matters underflowed.
 *
 * @param leastMeanSquare below this mean of squares, single squares may have lost digits to underflow
 * @param leastPivot from this pivot on, a sum of squares of exactly zero proves that all values are equal: two different
 *        values are then so far apart that the square of their difference does not underflow
 */
record Trust(double leastMeanSquare, double leastPivot) {

    private static final Trust F32 = new Trust(0x1p-90, 0x1p-40);
    private static final Trust F64 = new Trust(0x1p-900, 0x1p-440);

    static Trust of(DataType type) {
        return switch (type) {
            case F32 -> F32;
            case F64 -> F64;
        };
    }

    boolean holds(ShiftedSums sums, double count, double pivot) {
        return sums.trusted(count, leastMeanSquare)
                || sums.s1() == 0 && sums.s2() == 0 && Math.abs(pivot) >= leastPivot;
    }
}
