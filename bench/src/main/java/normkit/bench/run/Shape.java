package normkit.bench.run;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Axis lengths as a text such as {@code 3x5x7}.
 *
 * @param axes the lengths
 */
public record Shape(long... axes) {

    /**
     * Reads a shape.
     *
     * @param text for example {@code 3x5x7}
     * @return the shape
     * @throws IllegalArgumentException if the text is no shape
     */
    public static Shape parse(String text) {
        try {
            long[] axes = Arrays.stream(text.split("x", -1)).mapToLong(Long::parseUnsignedLong).toArray();
            if (Arrays.stream(axes).allMatch(axis -> axis >= 0)) {
                return new Shape(axes);
            }
        } catch (NumberFormatException e) {
            // Falls through to the message, which says more than the exception.
        }
        throw new IllegalArgumentException("'" + text + "' must be axis lengths such as 3x5x7");
    }

    /** Returns for example {@code 3x5x7}. */
    @Override
    public String toString() {
        return LongStream.of(axes).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
