package normkit.bench.apply;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import normkit.tensor.Layout;

/** The techniques {@code apply} knows beside the five operations, and the options they read. */
enum Technique implements Applicable {
    /** See {@link normkit.techniques.BatchInstanceNorm}. */
    BATCH_INSTANCE_NORM(Layout.CHANNELS_FIRST, MixingApplications::batchInstance, MixingRun.OPTIONS + " --gate"),
    /** See {@link normkit.techniques.SwitchableNorm}. */
    SWITCHABLE_NORM(Layout.CHANNELS_FIRST, MixingApplications::switchable,
            MixingRun.OPTIONS + " --mean-logits --variance-logits"),
    /** See {@link normkit.techniques.BatchLayerNorm}. */
    BATCH_LAYER_NORM(Layout.CHANNELS_FIRST, MixingApplications::batchLayer, MixingRun.OPTIONS + " --batch-size"),
    /** See {@link normkit.techniques.AdaptiveInstanceNorm}; x is the content. */
    ADAPTIVE_INSTANCE_NORM(Layout.CHANNELS_FIRST, StyleApplication::run, "--style --strength --eps --backend"),
    /** See {@link normkit.techniques.BatchRenorm}. */
    BATCH_RENORM(Layout.CHANNELS_FIRST, RenormApplications::batchRenorm,
            "--scale --shift --eps --backend --r-max --d-max " + BatchOptions.RUNNING),
    /** See {@link normkit.techniques.MeanOnlyBatchNorm}. */
    MEAN_ONLY_BATCH_NORM(Layout.CHANNELS_FIRST, RenormApplications::meanOnly,
            "--shift --backend --running-mean " + BatchOptions.MOMENTUM),
    /** See {@link normkit.weights.WeightNorm}; x is v and the scale g. */
    WEIGHT_NORM(Layout.ROWS, WeightApplications::norm, "--scale --dim"),
    /** See {@link normkit.weights.WeightStandardization}; x is v. */
    WEIGHT_STANDARDIZATION(Layout.ROWS, WeightApplications::standardization,
            "--scale --dim --convention --eps --backend"),
    /** See {@link normkit.weights.SpectralNorm}; x is the weight. */
    SPECTRAL_NORM(Layout.ROWS, WeightApplications::spectral, "--dim --eps --seed --iterations"),
    /** See {@link normkit.techniques.LocalResponseNorm}. */
    LOCAL_RESPONSE_NORM(Layout.CHANNELS_FIRST, WindowApplication::run,
            "--size --within-channel --alpha --alpha-of --beta --k --even"),
    /** See {@link normkit.techniques.LpNorm}. */
    LP_NORM(Layout.ROWS, RowApplications::lp, "--p --axis --eps"),
    /** See {@link normkit.techniques.ScaleNorm}; the scale is g. */
    SCALE_NORM(Layout.ROWS, RowApplications::scale, "--scale --eps --backend"),
    /** See {@link normkit.techniques.MeanVarianceNorm}. */
    MEAN_VARIANCE_NORM(Layout.CHANNELS_FIRST, RowApplications::meanVariance, "--axes --eps --backend"),
    /** See {@link normkit.tables.Standardization}. */
    STANDARDIZATION(Layout.ROWS, TableApplications::standardization, ""),
    /** See {@link normkit.tables.MinMaxScaling}. */
    MIN_MAX_SCALING(Layout.ROWS, TableApplications::minMax, "--range");

    private final Layout layout;
    private final Function<Run, Results> application;
    private final Set<String> options;

    Technique(Layout layout, Function<Run, Results> application, String options) {
        this.layout = layout;
        this.application = application;
        this.options = options.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(options.split(" ")));
    }

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public Set<String> options() {
        return options;
    }

    @Override
    public Results apply(Run run) {
        return application.apply(run);
    }
}
