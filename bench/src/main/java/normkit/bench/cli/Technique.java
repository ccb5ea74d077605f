package normkit.bench.cli;

import java.util.Locale;

/** The techniques of {@code apply}. */
enum Technique implements Applicable {
    BATCH_INSTANCE_NORM, SWITCHABLE_NORM, BATCH_LAYER_NORM, ADAPTIVE_INSTANCE_NORM, BATCH_RENORM, MEAN_ONLY_BATCH_NORM;

    /** All labels; a constant, because annotations need one. */
    static final String NAMES = "batch_instance_norm, switchable_norm, batch_layer_norm, adaptive_instance_norm, "
            + "batch_renorm, mean_only_batch_norm";

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Runs the technique on the user's files. */
    Results run(TechniqueInput input) {
        return switch (this) {
            case BATCH_INSTANCE_NORM -> BatchInstanceApplication.run(input);
            case SWITCHABLE_NORM -> SwitchableApplication.run(input);
            case BATCH_LAYER_NORM -> BatchLayerApplication.run(input);
            case ADAPTIVE_INSTANCE_NORM -> StyleApplication.run(input);
            case BATCH_RENORM -> RenormApplication.run(input);
            case MEAN_ONLY_BATCH_NORM -> MeanOnlyApplication.run(input);
        };
    }
}
