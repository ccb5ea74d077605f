package normkit.conformance;

import java.util.Locale;

/** Where a tensor lies. */
public enum Memory {
    /** At the start of what its guard zone leaves of a Java array. */
    HEAP(true, 0),
    /** At an odd index of a Java array. */
    HEAP_SHIFTED(true, 3),
    /** In native memory aligned to 64 bytes. */
    NATIVE(false, 0),
    /** In native memory aligned to one element. */
    NATIVE_SHIFTED(false, 8),
    /** In native memory at an odd byte. */
    NATIVE_ODD(false, 5);

    private final boolean heap;
    private final int shift;

    Memory(boolean heap, int shift) {
        this.heap = heap;
        this.shift = shift;
    }

    /**
     * Tells whether it is a Java array.
     *
     * @return false for native memory
     */
    public boolean heap() {
        return heap;
    }

    /**
     * Returns how far the tensor is moved.
     *
     * @return elements on the heap, bytes off it
     */
    public int shift() {
        return shift;
    }

    /**
     * Returns the name used in cases.
     *
     * @return for example {@code native_odd}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds memory by its name.
     *
     * @param label what {@link #label} returned
     * @return the memory
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Memory of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
