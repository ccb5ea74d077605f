package normkit.scalar;

import normkit.tensor.Tensor;

/** Remembers which piece of which tensor a staging area holds, so that it is not copied again. */
final class Staged {

    private Tensor tensor;
    private long start;
    private int length;
    private boolean known;

    /** Takes note of a piece that is wanted; true if it has to be copied. */
    boolean becomes(Tensor newTensor, long newStart, int newLength) {
        if (known && tensor == newTensor && start == newStart && length == newLength) {
            return false;
        }
        tensor = newTensor;
        start = newStart;
        length = newLength;
        known = true;
        return true;
    }

    /** Forgets the piece: the area is overwritten, or the tensor may be. */
    void forget() {
        known = false;
        tensor = null;
    }
}
