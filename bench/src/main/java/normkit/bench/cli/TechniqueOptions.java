package normkit.bench.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.bench.files.BadInputException;
import picocli.CommandLine.Option;

/** What single techniques of {@code apply} have of their own. */
final class TechniqueOptions {

    @Option(names = "--style", paramLabel = "FILE", description = "adaptive_instance_norm: the style, as --x, of any height and width")
    Path style;

    @Option(names = "--strength", paramLabel = "A", description = "adaptive_instance_norm: strength of the style, 0 to 1 (default: 1)")
    Double strength;

    @Option(names = "--gate", paramLabel = "FILE", description = "batch_instance_norm: rho, 1 is batch norm and 0 instance norm (default: 1)")
    Path gate;

    @Option(names = "--mean-logits", paramLabel = "FILE", description = "switchable_norm: of instance, layer and batch norm (default: equal)")
    Path meanLogits;

    @Option(names = "--variance-logits", paramLabel = "FILE", description = "switchable_norm: as --mean-logits")
    Path varianceLogits;

    @Option(names = "--batch-size", paramLabel = "M", description = "batch_layer_norm: samples the weights are for (default: those of x)")
    Long batchSize;

    @Option(names = "--r-max", paramLabel = "R", description = "batch_renorm: r is clipped to 1/R and R (default: 3)")
    Double rMax;

    @Option(names = "--d-max", paramLabel = "D", description = "batch_renorm: d is clipped to -D and D (default: 5)")
    Double dMax;

    /** Refuses all of them. */
    void requireNone(String label) {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("--style", style);
        options.put("--strength", strength);
        options.put("--gate", gate);
        options.put("--mean-logits", meanLogits);
        options.put("--variance-logits", varianceLogits);
        options.put("--batch-size", batchSize);
        options.put("--r-max", rMax);
        options.put("--d-max", dMax);
        options.forEach((option, value) -> {
            if (value != null) {
                throw new BadInputException(option + " is not for " + label);
            }
        });
    }
}
