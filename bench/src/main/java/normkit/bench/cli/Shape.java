package normkit.bench.cli;

import java.util.Arrays;
import normkit.bench.files.TensorFile;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Axis lengths given as {@code 3x5x7}.
 *
 * @param axes the lengths
 */
record Shape(long[] axes) {

    @Override
    public String toString() {
        return TensorFile.text(axes);
    }

    /** Reads such an option. */
    static final class Converter implements ITypeConverter<Shape> {

        @Override
        public Shape convert(String text) {
            try {
                long[] axes = Arrays.stream(text.split("x", -1)).mapToLong(Long::parseUnsignedLong).toArray();
                if (Arrays.stream(axes).allMatch(axis -> axis >= 0)) {
                    return new Shape(axes);
                }
            } catch (NumberFormatException e) {
                // Falls through to the message, which says more than the exception.
            }
            throw new TypeConversionException("'" + text + "' must be axis lengths such as 3x5x7");
        }
    }
}
