package normkit.bench.apply;

import normkit.bench.options.ProblemOptions;
import picocli.CommandLine.Mixin;

/** All options of {@code apply}, in the order of its help. */
final class Options {

    @Mixin
    ProblemOptions problem;

    @Mixin
    FileOptions files;

    @Mixin
    BatchOptions batch;

    @Mixin
    PaddingOptions padding;

    @Mixin
    TechniqueOptions own;
}
