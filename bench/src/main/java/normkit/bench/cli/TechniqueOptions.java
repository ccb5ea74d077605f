package normkit.bench.cli;

import java.nio.file.Path;
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
}
