package normkit.tensor;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * An immutable description of a dense tensor: element type, layout and shape in memory order. Two specs are equal when
 * all three are. An axis may be 0; the tensor is then empty.
 */
public final class TensorSpec {

    private final DataType type;
    private final Layout layout;
    private final long[] shape;
    private final long elements;

    private TensorSpec(DataType type, Layout layout, long[] shape) {
        this.type = Objects.requireNonNull(type, "type");
        this.layout = Objects.requireNonNull(layout, "layout");
        this.shape = shape.clone();
        this.elements = countElements(this.shape, type.bytes());
        int leastRank = layout == Layout.ROWS ? 1 : 2;
        if (shape.length < leastRank) {
            throw new IllegalArgumentException("shape " + shapeText(shape) + " has rank " + shape.length
                    + ", but layout " + layout + " needs at least rank " + leastRank);
        }
    }

    /**
     * Describes a tensor.
     *
     * @param type element type
     * @param layout meaning of the axes
     * @param shape axis lengths in memory order, each at least 0; the whole at most {@link Long#MAX_VALUE} bytes
     * @return the spec
     * @throws IllegalArgumentException if the rank is too small for the layout (1 for rows, 2 with channels), an axis is
     *         negative or the size overflows
     */
    public static TensorSpec of(DataType type, Layout layout, long... shape) {
        return new TensorSpec(type, layout, Objects.requireNonNull(shape, "shape"));
    }

    /**
     * An f32 tensor without a channel axis, such as rows for layer norm or a parameter vector.
     *
     * @param shape axis lengths in memory order
     * @return the spec
     */
    public static TensorSpec rows(long... shape) {
        return of(DataType.F32, Layout.ROWS, shape);
    }

    /**
     * An f32 tensor of shape (batch, channels, spatial…).
     *
     * @param shape axis lengths in memory order, rank at least 2
     * @return the spec
     */
    public static TensorSpec channelsFirst(long... shape) {
        return of(DataType.F32, Layout.CHANNELS_FIRST, shape);
    }

    /**
     * An f32 tensor of shape (batch, spatial…, channels).
     *
     * @param shape axis lengths in memory order, rank at least 2
     * @return the spec
     */
    public static TensorSpec channelsLast(long... shape) {
        return of(DataType.F32, Layout.CHANNELS_LAST, shape);
    }

    /**
     * Returns this shape and layout with another element type.
     *
     * @param newType element type
     * @return the spec
     */
    public TensorSpec as(DataType newType) {
        return newType == type ? this : new TensorSpec(newType, layout, shape);
    }

    /**
     * Returns the element type.
     *
     * @return the type
     */
    public DataType type() {
        return type;
    }

    /**
     * Returns the meaning of the axes.
     *
     * @return the layout
     */
    public Layout layout() {
        return layout;
    }

    /**
     * Returns a copy of the axis lengths in memory order.
     *
     * @return the shape
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Returns the number of axes.
     *
     * @return the rank
     */
    public int rank() {
        return shape.length;
    }

    /**
     * Returns the length of one axis.
     *
     * @param index axis in memory order, 0 … rank − 1
     * @return its length
     * @throws IndexOutOfBoundsException if there is no such axis
     */
    public long axis(int index) {
        return shape[Objects.checkIndex(index, shape.length)];
    }

    /**
     * Returns the number of elements, the product of the axes.
     *
     * @return the count, 0 for an empty tensor
     */
    public long elements() {
        return elements;
    }

    /**
     * Returns the size of the tensor's memory.
     *
     * @return elements × bytes per element
     */
    public long byteSize() {
        return elements * type.bytes();
    }

    /**
     * Returns the product of the axes {@code from} (inclusive) … {@code to} (exclusive).
     *
     * @param from first axis
     * @param to end axis
     * @return the product, 1 for an empty range
     */
    public long product(int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= axis(i);
        }
        return product;
    }

    /**
     * Returns the length of the channel axis.
     *
     * @return number of channels
     * @throws IllegalStateException if the layout has no channel axis
     */
    public long channels() {
        return switch (layout) {
            case CHANNELS_FIRST -> shape[1];
            case CHANNELS_LAST -> shape[shape.length - 1];
            case ROWS -> throw new IllegalStateException(this + " has no channel axis");
        };
    }

    /**
     * Returns the length of the batch axis.
     *
     * @return number of samples
     */
    public long batch() {
        return shape[0];
    }

    /**
     * Returns the product of the spatial axes, 1 if there are none.
     *
     * @return elements per sample and channel
     * @throws IllegalStateException if the layout has no channel axis
     */
    public long spatial() {
        return switch (layout) {
            case CHANNELS_FIRST -> product(2, shape.length);
            case CHANNELS_LAST -> product(1, shape.length - 1);
            case ROWS -> throw new IllegalStateException(this + " has no spatial axes");
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorSpec that && type == that.type && layout == that.layout
                && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, layout, Arrays.hashCode(shape));
    }

    /** Returns for example {@code F32 CHANNELS_FIRST 32x64x56x56}. */
    @Override
    public String toString() {
        return type + " " + layout + " " + shapeText(shape);
    }

    private static String shapeText(long[] shape) {
        return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }

    private static long countElements(long[] shape, int bytes) {
        boolean empty = false;
        for (long axis : shape) {
            if (axis < 0) {
                throw new IllegalArgumentException("shape " + shapeText(shape) + " has a negative axis");
            }
            empty |= axis == 0;
        }
        if (empty) {
            return 0;
        }
        try {
            long product = 1;
            for (long axis : shape) {
                product = Math.multiplyExact(product, axis);
            }
            Math.multiplyExact(product, (long) bytes);
            return product;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("shape " + shapeText(shape) + " has more bytes than a long can count",
                    e);
        }
    }
}
