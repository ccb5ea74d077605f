package normkit.bench.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import normkit.spi.Operation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an operation's usual name. */
final class OperationConverter implements ITypeConverter<Operation> {

    /** All names, with commas. */
    static final String NAMES =
            Arrays.stream(Operation.values()).map(Operation::label).collect(Collectors.joining(", "));

    @Override
    public Operation convert(String name) {
        return Arrays.stream(Operation.values()).filter(o -> o.label().equals(name)).findFirst().orElseThrow(
                () -> new TypeConversionException("no operation is named '" + name + "'; it must be one of " + NAMES));
    }
}
