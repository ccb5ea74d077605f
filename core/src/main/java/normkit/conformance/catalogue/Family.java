package normkit.conformance.catalogue;

import java.util.List;
import java.util.function.Function;
import normkit.tensor.Layout;

/**
 * A technique of the catalogue.
 *
 * @param name its name
 * @param shapes what it works on
 * @param kernels whether it runs on a backend's kernels rather than on loops of its own
 * @param variants which of its options are tried
 * @param maker plans it for a case
 */
record Family(String name, Shapes shapes, boolean kernels, List<String> variants, Function<Desk, Exercise> maker) {

    /** Shapes to try, small ones first; those with channels are given channels-first. */
    enum Shapes {
        /** Batch, channels, any spatial axes. */
        CHANNELS(true, 6, new long[][] {{2, 3, 5}, {1, 1, 1}, {6, 5}, {3, 5, 7, 4}, {1, 4}, {4, 1, 9}, {2, 2, 3, 4, 5},
            {5, 4, 1}, {2, 17, 16}, {40, 3, 5}, {3, 130, 2}, {2, 3, 40, 41}, {2, 2, 1300}}),
        /** The same with spatial axes. */
        SPATIAL(true, 5, new long[][] {{2, 3, 5}, {1, 1, 1}, {3, 6, 7}, {4, 1, 9}, {2, 4, 3, 5}, {2, 2, 3, 4, 5},
            {5, 4, 1}, {2, 17, 16}, {30, 3, 5}, {2, 3, 300}}),
        /** Rows. */
        ROWS(false, 4, new long[][] {{5, 40}, {3, 7, 11}, {1, 1}, {4, 1}, {9, 129}, {2, 3, 513}}),
        /** Weights, with at least two for every position of the first and the last axis. */
        WEIGHTS(false, 4, new long[][] {{6, 5, 3}, {2, 1, 3}, {16, 9}, {3, 2, 2, 2}, {5, 40, 2}, {1, 2, 5}, {64, 70}}),
        /** Rows of columns. */
        TABLES(false, 4, new long[][] {{30, 7}, {1, 3}, {50, 1}, {13, 2, 5}, {2000, 9}});

        private final boolean channels;
        private final int quick;
        private final long[][] all;

        Shapes(boolean channels, int quick, long[][] all) {
            this.channels = channels;
            this.quick = quick;
            this.all = all;
        }

        int count(boolean few) {
            return few ? quick : all.length;
        }

        List<Layout> layouts() {
            return channels ? List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST) : List.of(Layout.ROWS);
        }

        long[] shape(int number, Layout layout) {
            long[] shape = all[number].clone();
            if (layout == Layout.CHANNELS_LAST) {
                System.arraycopy(shape, 2, shape, 1, shape.length - 2);
                shape[shape.length - 1] = all[number][1];
            }
            return shape;
        }
    }

    /** All techniques there are. */
    static final List<Family> ALL = List.of(
            new Family("batch_renorm", Shapes.CHANNELS, true, List.of("paper", "narrow", "batch_norm"),
                    BatchRenormExercise::new),
            new Family("sync_batch_norm", Shapes.CHANNELS, true, List.of("alone", "uneven", "empty"),
                    SyncBatchNormExercise::new),
            new Family("mean_only_batch_norm", Shapes.CHANNELS, true, List.of("plain", "without_shift"),
                    MeanOnlyExercise::new),
            new Family("batch_norm_folding", Shapes.WEIGHTS, false,
                    List.of("outputs_first", "transposed", "transposed_in_groups"), FoldingExercise::new),
            new Family("padded_batch_norm", Shapes.SPATIAL, true, List.of("lengths", "mask"),
                    PaddedBatchNormExercise::new),
            new Family("padded_norm", Shapes.SPATIAL, true,
                    List.of("layer_lengths", "layer_mask", "rms_lengths", "rms_mask", "instance_lengths",
                            "instance_mask", "group_lengths", "group_mask"),
                    PaddedNormExercise::new),
            new Family("batch_instance_norm", Shapes.CHANNELS, true, List.of("plain", "batch", "instance"),
                    BatchInstanceExercise::new),
            new Family("switchable_norm", Shapes.CHANNELS, true, List.of("plain", "nearly_one"),
                    SwitchableExercise::new),
            new Family("batch_layer_norm", Shapes.CHANNELS, true, List.of("plain", "other_size"),
                    BatchLayerExercise::new),
            new Family("adaptive_instance_norm", Shapes.CHANNELS, true, List.of("plain", "blended", "unbiased"),
                    AdaptiveExercise::new),
            new Family("mean_variance_norm", Shapes.SPATIAL, true,
                    List.of("across_channels", "within_channel", "per_channel", "all"), MeanVarianceExercise::new),
            new Family("scale_norm", Shapes.ROWS, true, List.of("last_axis", "all_axes"), ScaleNormExercise::new),
            new Family("lp_norm", Shapes.ROWS, false,
                    List.of("p1_last", "p1_first", "p2_last", "p2_first", "p3_last", "max_last", "max_first"),
                    LpNormExercise::new),
            new Family("local_response_norm", Shapes.SPATIAL, false,
                    List.of("pytorch", "alexnet", "even_above", "even_below", "even_narrow", "within"),
                    ResponseExercise::new),
            new Family("weight_norm", Shapes.WEIGHTS, false, List.of("first_axis", "last_axis", "whole"),
                    WeightNormExercise::new),
            new Family("weight_standardization", Shapes.WEIGHTS, true,
                    List.of("deviation_first", "deviation_last_gain", "root_first_gain", "root_last",
                            "scaled_first_gain", "scaled_last"),
                    WeightStandardizationExercise::new),
            new Family("spectral_norm", Shapes.WEIGHTS, false, List.of("first", "last", "first_twice"),
                    SpectralExercise::new),
            new Family("standardization", Shapes.TABLES, false, List.of("biased", "unbiased"),
                    StandardizationExercise::new),
            new Family("min_max_scaling", Shapes.TABLES, false, List.of("plain", "clipped"), MinMaxExercise::new));

    /** Finds a family by its name. */
    static Family named(String name) {
        return ALL.stream().filter(family -> family.name.equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the technique is " + name + "; it must be one of "
                        + String.join(", ", ALL.stream().map(Family::name).toList())));
    }
}
