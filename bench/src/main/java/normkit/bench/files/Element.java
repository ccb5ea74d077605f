package normkit.bench.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import normkit.tensor.DataType;

/** Element types of {@code .npy} files that hold tensors. */
public enum Element {
    /** IEEE 754 binary16; computed as f32. */
    F2(2, DataType.F32),
    /** IEEE 754 binary32. */
    F4(4, DataType.F32),
    /** IEEE 754 binary64. */
    F8(8, DataType.F64);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private final int bytes;
    private final DataType dataType;

    Element(int bytes, DataType dataType) {
        this.bytes = bytes;
        this.dataType = dataType;
    }

    /**
     * Returns NumPy's name without byte order.
     *
     * @return for example {@code f4}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the size of one element in a file.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Returns the type in which such tensors are computed.
     *
     * @return f64 for f8, f32 otherwise
     */
    public DataType dataType() {
        return dataType;
    }

    /** Whether a file of this type in this byte order is, byte for byte, a tensor's memory. */
    boolean isMemory(ByteOrder order) {
        return this != F2 && order == ByteOrder.nativeOrder();
    }

    /** Reads the element at an index, widened. */
    double read(MemorySegment data, ByteOrder order, long index) {
        long at = index * bytes;
        return switch (this) {
            case F2 -> Float.float16ToFloat(data.get(SHORT.withOrder(order), at));
            case F4 -> data.get(FLOAT.withOrder(order), at);
            case F8 -> data.get(DOUBLE.withOrder(order), at);
        };
    }

    /** Writes the element at an index, rounded to nearest even, in native byte order. */
    void write(MemorySegment data, long index, double value) {
        long at = index * bytes;
        switch (this) {
            // f2 is computed as f32, so f32 is what is rounded.
            case F2 -> data.set(SHORT, at, Float.floatToFloat16((float) value));
            case F4 -> data.set(FLOAT, at, (float) value);
            case F8 -> data.set(DOUBLE, at, value);
        }
    }
}
