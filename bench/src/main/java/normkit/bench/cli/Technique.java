package normkit.bench.cli;

import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import normkit.tensor.Layout;

/** The techniques {@code apply} knows beside the five operations, and what they read. */
enum Technique {
    /** See {@link normkit.weights.WeightNorm}; x is v and the scale g. */
    WEIGHT_NORM(Layout.ROWS, WeightApplications::norm, "--scale", "--dim"),
    /** See {@link normkit.weights.WeightStandardization}; x is v. */
    WEIGHT_STANDARDIZATION(Layout.ROWS, WeightApplications::standardization, "--scale", "--dim", "--convention",
            "--eps", "--backend"),
    /** See {@link normkit.weights.SpectralNorm}; x is the weight. */
    SPECTRAL_NORM(Layout.ROWS, WeightApplications::spectral, "--dim", "--eps", "--seed", "--iterations"),
    /** See {@link normkit.techniques.LocalResponseNorm}. */
    LOCAL_RESPONSE_NORM(Layout.CHANNELS_FIRST, WindowApplication::run, "--size", "--within-channel", "--alpha",
            "--alpha-of", "--beta", "--k", "--even"),
    /** See {@link normkit.techniques.LpNorm}. */
    LP_NORM(Layout.ROWS, RowApplications::lp, "--p", "--axis", "--eps"),
    /** See {@link normkit.techniques.ScaleNorm}; the scale is g. */
    SCALE_NORM(Layout.ROWS, RowApplications::scale, "--scale", "--eps", "--backend"),
    /** See {@link normkit.techniques.MeanVarianceNorm}. */
    MEAN_VARIANCE_NORM(Layout.CHANNELS_FIRST, RowApplications::meanVariance, "--axes", "--eps", "--backend"),
    /** See {@link normkit.tables.Standardization}. */
    STANDARDIZATION(Layout.ROWS, TableApplications::standardization),
    /** See {@link normkit.tables.MinMaxScaling}. */
    MIN_MAX_SCALING(Layout.ROWS, TableApplications::minMax, "--range");

    private final Layout layout;
    private final Function<TechniqueRun, Results> application;
    private final Set<String> options;

    Technique(Layout layout, Function<TechniqueRun, Results> application, String... options) {
        this.layout = layout;
        this.application = application;
        this.options = Set.of(options);
    }

    /** The usual name. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it has a use for an option. */
    boolean reads(String option) {
        return options.contains(option);
    }

    /** The layout of x. */
    Layout layout(ProblemOptions problem) {
        return problem.layout(layout);
    }

    /** Computes. */
    Results apply(TechniqueRun run) {
        return application.apply(run);
    }
}
