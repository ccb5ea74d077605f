package normkit.bench.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Collectors;
import normkit.bench.apply.Application;
import normkit.spi.Operation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an operation's usual name, and tells help all names. */
final class OperationConverter implements ITypeConverter<Operation>, Iterable<String> {

    private static final String NAMES =
            Arrays.stream(Operation.values()).map(Operation::label).collect(Collectors.joining(", "));

    @Override
    public Operation convert(String name) {
        return Arrays.stream(Operation.values()).filter(o -> o.label().equals(name)).findFirst()
                .orElseThrow(() -> new TypeConversionException(Application.knows(name)
                        ? name + " is for apply only; the operation must be one of " + NAMES
                        : "no operation is named '" + name + "'; it must be one of " + NAMES));
    }

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Operation.values()).map(Operation::label).iterator();
    }
}
