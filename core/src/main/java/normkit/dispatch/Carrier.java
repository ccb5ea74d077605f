package normkit.dispatch;

/**
 * Where the tensors of a plan are expected to be. A plan runs on either, but a backend that works on native memory copies
 * arrays there and back, which can cost more than it gains.
 */
public enum Carrier {
    /** Off the heap, in a {@link java.lang.foreign.MemorySegment}. */
    NATIVE,
    /** In Java arrays. */
    HEAP
}
