package normkit.tensor;

/** The type of a tensor's elements; it is also the type in which its kernels compute. */
public enum DataType {
    /** IEEE 754 binary32, Java {@code float}. */
    F32(Float.BYTES),
    /** IEEE 754 binary64, Java {@code double}. */
    F64(Double.BYTES);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the size of one element.
     *
     * @return bytes per element
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Rounds a value to this type, to nearest even.
     *
     * @param value any double
     * @return the nearest value of this type, widened back to double
     */
    public double round(double value) {
        return this == F32 ? (double) (float) value : value;
    }
}
