package normkit.bench.cli;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the usual name of an operation or a technique. */
final class ApplicableConverter implements ITypeConverter<Applicable> {

    @Override
    public Applicable convert(String name) {
        return Arrays.stream(Applicable.all()).filter(known -> known.label().equals(name)).findFirst()
                .orElseThrow(() -> new TypeConversionException("no operation is named '" + name
                        + "'; it must be one of " + OperationConverter.NAMES + ", " + Technique.NAMES));
    }
}
