package normkit.bench.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import normkit.techniques.LocalResponseNorm;
import normkit.weights.WeightStandardization;
import picocli.CommandLine.Option;

/** What techniques beside the five operations want to know; null where nothing is given. */
final class TechniqueOptions {

    @Option(names = "--dim", paramLabel = "D", description = "weights: the axis that counts outputs (default: 0)")
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
    Boolean withinChannel;

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

    /** What is given, by option. */
    Map<String, Object> given() {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("--dim", dim);
        given.put("--convention", convention);
        given.put("--seed", seed);
        given.put("--iterations", iterations);
        given.put("--size", size);
        given.put("--within-channel", withinChannel);
        given.put("--alpha", alpha);
        given.put("--alpha-of", alphaOf);
        given.put("--beta", beta);
        given.put("--k", k);
        given.put("--even", even);
        given.put("--p", p);
        given.put("--axis", axis);
        given.put("--axes", axes);
        given.put("--range", range);
        given.values().removeIf(value -> value == null);
        return given;
    }
}
