package normkit.bench.cli;

import normkit.bench.run.Shape;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a shape. */
final class ShapeConverter implements ITypeConverter<Shape> {

    @Override
    public Shape convert(String text) {
        try {
            return Shape.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
