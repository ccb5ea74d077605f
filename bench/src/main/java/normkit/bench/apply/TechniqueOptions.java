package normkit.bench.apply;

import java.nio.file.Path;
import normkit.techniques.LocalResponseNorm;
import normkit.weights.WeightStandardization;
import picocli.CommandLine.Option;

/** What single techniques have of their own; null where nothing is given, so that a technique keeps its default. */
final class TechniqueOptions {

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

    @Option(names = "--style", paramLabel = "FILE", description = "adaptive_instance_norm: the style, as --x, of any height and width")
    Path style;

    @Option(names = "--strength", paramLabel = "A", description = "adaptive_instance_norm: strength of the style, 0 to 1 (default: 1)")
    Double strength;

    @Option(names = "--dim", paramLabel = "D", description = "weight_norm, weight_standardization, spectral_norm: the axis that counts outputs (default: 0)")
    Integer dim;

    @Option(names = "--convention", paramLabel = "C", description = "weight_standardization: deviation, root or scaled (default: deviation)")
    WeightStandardization.Convention convention;

    @Option(names = "--seed", paramLabel = "S", description = "spectral_norm: of the vectors it starts with (default: 0)")
    Long seed;

    @Option(names = "--iterations", paramLabel = "N", description = "spectral_norm: power iterations (default: 15 and 1)")
    Integer iterations;

    @Option(names = "--size", paramLabel = "N", description = "local_response_norm: of the window")
    Integer size;

    @Option(names = "--within-channel", description = "local_response_norm: windows over places, not over channels")
    boolean withinChannel;

    @Option(names = "--alpha", paramLabel = "A", description = "local_response_norm (default: 1e-4)")
    Double alpha;

    @Option(names = "--alpha-of", paramLabel = "W", description = "local_response_norm: alpha is a factor of the mean or of the sum (default: mean)")
    LocalResponseNorm.Alpha alphaOf;

    @Option(names = "--beta", paramLabel = "B", description = "local_response_norm (default: 0.75)")
    Double beta;

    @Option(names = "--k", paramLabel = "K", description = "local_response_norm (default: 1)")
    Double k;

    @Option(names = "--even", paramLabel = "W", description = "local_response_norm: where windows of even size lie: above, below or narrow (default: below)")
    LocalResponseNorm.Even even;

    @Option(names = "--p", paramLabel = "P", description = "lp_norm: at least 1, or Infinity (default: 2)")
    Double p;

    @Option(names = "--axis", paramLabel = "N", description = "lp_norm: the axis vectors lie along (default: the last)")
    Integer axis;

    @Option(names = "--axes", paramLabel = "N", split = ",", description = "mean_variance_norm: the axes it goes over, with commas (default: all but the channels)")
    int[] axes;

    @Option(names = "--range", paramLabel = "N", split = ",", description = "min_max_scaling: low,high (default: 0,1)")
    double[] range;
}
