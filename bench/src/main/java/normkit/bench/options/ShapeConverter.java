package normkit.bench.options;

import normkit.bench.run.Shape;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a shape such as {@code 3x5x7}. */
public final class ShapeConverter implements ITypeConverter<Shape> {

    /** A converter, as picocli makes one. */
    public ShapeConverter() {
    }

    @Override
    public Shape convert(String text) {
        try {
            return Shape.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
