package normkit.bench.cli;

import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;

/** Reads the usual name of an operation or of another technique. */
final class OperatorConverter implements ITypeConverter<Operator> {

    @Override
    public Operator convert(String name) {
        Optional<Technique> technique =
                Arrays.stream(Technique.values()).filter(t -> t.label().equals(name)).findFirst();
        return technique.map(t -> new Operator(null, t))
                .orElseGet(() -> new Operator(new OperationConverter().convert(name), null));
    }
}
