package normkit.bench.apply;

import java.util.Iterator;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the usual name of an operation or a technique, and tells help all names. */
final class ApplicableConverter implements ITypeConverter<Applicable>, Iterable<String> {

    @Override
    public Applicable convert(String name) {
        return Applicable.all().filter(known -> known.label().equals(name)).findFirst().orElseThrow(
                () -> new TypeConversionException("no operation is named '" + name + "'; it must be one of "
                        + Applicable.all().map(Applicable::label).collect(Collectors.joining(", "))));
    }

    @Override
    public Iterator<String> iterator() {
        return Applicable.all().map(Applicable::label).iterator();
    }
}
