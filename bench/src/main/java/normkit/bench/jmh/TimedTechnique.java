package normkit.bench.jmh;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import normkit.PlanOptions;
import normkit.bench.run.LayoutName;
import normkit.bench.run.Shape;
import normkit.tensor.DataType;
import normkit.tensor.TensorSpec;

/** Every technique as it is timed: on the shape of a real model, f32, off the heap. */
public enum TimedTechnique {
    /** See {@link normkit.techniques.BatchInstanceNorm}. */
    BATCH_INSTANCE_NORM(LayoutName.NCX, Models.RESNET, true, MixingStages::batchInstance),
    /** See {@link normkit.techniques.SwitchableNorm}. */
    SWITCHABLE_NORM(LayoutName.NCX, Models.RESNET, true, MixingStages::switchable),
    /** See {@link normkit.techniques.BatchLayerNorm}. */
    BATCH_LAYER_NORM(LayoutName.NCX, Models.RESNET, true, MixingStages::batchLayer),
    /** The same without spatial axes. */
    BATCH_LAYER_NORM_DENSE(LayoutName.NCX, Models.DENSE, true, MixingStages::batchLayer),
    /** See {@link normkit.techniques.AdaptiveInstanceNorm}; the style has a quarter of the content's places. */
    ADAPTIVE_INSTANCE_NORM(LayoutName.NCX, Models.STYLE_TRANSFER, true, MixingStages::adaptiveInstance),
    /** See {@link normkit.techniques.BatchRenorm}. */
    BATCH_RENORM(LayoutName.NCX, Models.RESNET, true, BatchStages::renorm),
    /** See {@link normkit.techniques.SyncBatchNorm}; one participant's share, without the exchange. */
    SYNC_BATCH_NORM(LayoutName.NCX, Models.RESNET, true, BatchStages::sync),
    /** See {@link normkit.techniques.MeanOnlyBatchNorm}. */
    MEAN_ONLY_BATCH_NORM(LayoutName.NCX, Models.RESNET, true, BatchStages::meanOnly),
    /** See {@link normkit.techniques.PaddedBatchNorm}; three quarters of the positions are valid. */
    PADDED_BATCH_NORM(LayoutName.NXC, Models.BERT_PADDED, true, BatchStages::padded),
    /** See {@link normkit.techniques.PaddedNorm}; likewise. */
    PADDED_LAYER_NORM(LayoutName.NXC, Models.BERT_PADDED, true, RowStages::padded),
    /** See {@link normkit.techniques.MeanVarianceNorm}; per channel, as ONNX does by default. */
    MEAN_VARIANCE_NORM(LayoutName.NCX, Models.RESNET, true, RowStages::meanVariance),
    /** See {@link normkit.techniques.ScaleNorm}. */
    SCALE_NORM(LayoutName.ROWS, Models.BERT, true, RowStages::scale),
    /** Layer norm, then GELU by the error function; see {@link normkit.activation.Activation}. */
    LAYER_NORM_THEN_GELU(LayoutName.ROWS, Models.BERT, true, RowStages::thenGelu),
    /** SiLU, then layer norm. */
    LAYER_NORM_AFTER_SILU(LayoutName.ROWS, Models.BERT, true, RowStages::afterSilu),
    /** Layer norm of a sum that is written out as well. */
    LAYER_NORM_ADDING_RESIDUAL(LayoutName.ROWS, Models.BERT, true, RowStages::addingResidual),
    /** Batch norm, then ReLU. */
    BATCH_NORM_THEN_RELU(LayoutName.NCX, Models.RESNET, true, BatchStages::thenRelu),
    /** See {@link normkit.techniques.BatchNormFolding}; what is folded into is a convolution's weight. */
    BATCH_NORM_FOLDING(LayoutName.ROWS, Models.CONVOLUTION, false, WeightStages::folding),
    /** See {@link normkit.weights.WeightStandardization}. */
    WEIGHT_STANDARDIZATION(LayoutName.ROWS, Models.CONVOLUTION, true, WeightStages::standardization),
    /** See {@link normkit.weights.WeightNorm}. */
    WEIGHT_NORM(LayoutName.ROWS, Models.CONVOLUTION, false, WeightStages::norm),
    /** See {@link normkit.weights.SpectralNorm}; forward is a step of training. */
    SPECTRAL_NORM(LayoutName.ROWS, Models.CONVOLUTION, false, WeightStages::spectral),
    /** See {@link normkit.techniques.LpNorm}, p = 2. */
    LP_NORM(LayoutName.ROWS, Models.BERT, false, LoopStages::euclidean),
    /** The same, p = 3. */
    LP_NORM_CUBIC(LayoutName.ROWS, Models.BERT, false, LoopStages::cubic),
    /** See {@link normkit.techniques.LocalResponseNorm}; over 5 channels. */
    LOCAL_RESPONSE_NORM(LayoutName.NCX, Models.ALEXNET, false, LoopStages::acrossChannels),
    /** The same over 3 × 3 places. */
    LOCAL_RESPONSE_NORM_WITHIN(LayoutName.NCX, Models.CIFAR, false, LoopStages::withinChannel),
    /** The moments of a table; see {@link normkit.tables.ColumnMoments}. */
    STANDARDIZATION_FIT(LayoutName.ROWS, Models.TABLE, false, LoopStages::columnMoments),
    /** See {@link normkit.tables.Standardization}. */
    STANDARDIZATION(LayoutName.ROWS, Models.TABLE, false, LoopStages::standardization),
    /** See {@link normkit.tables.MinMaxScaling}. */
    MIN_MAX_SCALING(LayoutName.ROWS, Models.TABLE, false, LoopStages::minMax);

    /** Shapes of 2 to 4 MiB, which is more than a core's own caches hold. */
    private static final class Models {

        /** The fourth stage of ResNet-50, a batch of 16. */
        static final String RESNET = "16x256x14x14";
        /** A large batch of a dense layer. */
        static final String DENSE = "1024x1024";
        /** The features at which AdaIN works on a picture of 256 × 256. */
        static final String STYLE_TRANSFER = "1x512x32x32";
        /** 4 sequences of 256 tokens in BERT, the base model. */
        static final String BERT = "1024x768";
        /** The same as padded sequences. */
        static final String BERT_PADDED = "4x256x768";
        /** A kernel of ResNet-50's fourth stage. */
        static final String CONVOLUTION = "256x256x3x3";
        /** AlexNet's first layer, a batch of 2. */
        static final String ALEXNET = "2x96x55x55";
        /** Caffe's network for CIFAR-10, its second layer, a batch of 100. */
        static final String CIFAR = "100x32x16x16";
        /** A table of 30,000 rows. */
        static final String TABLE = "30000x28";

        private Models() {
        }
    }

    private final LayoutName layout;
    private final Shape shape;
    private final boolean kernels;
    private final Consumer<Stage> setting;

    TimedTechnique(LayoutName layout, String shape, boolean kernels, Consumer<Stage> setting) {
        this.layout = layout;
        this.shape = Shape.parse(shape);
        this.kernels = kernels;
        this.setting = setting;
    }

    /**
     * Returns the technique of a name.
     *
     * @param label a name such as {@code weight_norm}
     * @return the technique
     * @throws IllegalArgumentException if there is none
     */
    public static TimedTechnique of(String label) {
        return Arrays.stream(values()).filter(technique -> technique.label().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("technique is " + label + "; it must be one of "
                        + String.join(", ", Arrays.stream(values()).map(TimedTechnique::label).toList())));
    }

    /**
     * Returns the name.
     *
     * @return a name such as {@code weight_norm}; where {@code apply} has the technique, its name begins like this one
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns what it is timed on.
     *
     * @return spec of x
     */
    public TensorSpec spec() {
        return TensorSpec.of(DataType.F32, layout.layout(), shape.axes());
    }

    /**
     * Returns what it is timed on, for a person.
     *
     * @return layout and shape, such as {@code rows 4096x768}
     */
    public String data() {
        return layout + " " + shape;
    }

    /**
     * Returns the directions there are.
     *
     * @return {@code forward}, and {@code backward} unless there is no gradient
     */
    public List<String> passes() {
        return this == BATCH_NORM_FOLDING || this == STANDARDIZATION_FIT
                ? List.of(TechniqueBenchmark.FORWARD)
                : List.of(TechniqueBenchmark.FORWARD, TechniqueBenchmark.BACKWARD);
    }

    /**
     * Tells whether backends run it.
     *
     * @return false if it has loops of its own
     */
    public boolean usesKernels() {
        return kernels;
    }

    /**
     * Tells what can be asked for.
     *
     * @param backend a backend, or what stands in its place in {@link TechniqueBenchmark#backend}
     * @return true if backends run it or no certain one is asked for
     */
    public boolean runs(String backend) {
        return kernels || backend.equals(TechniqueBenchmark.AUTO) || backend.equals(NormBenchmark.COPY);
    }

    /**
     * Runs both passes once and verifies what they compute.
     *
     * @param backend a backend or {@link TechniqueBenchmark#AUTO}
     * @throws IllegalArgumentException if it {@linkplain #runs does not run} on that
     * @throws IllegalStateException if a result is wrong, or the backend is not available
     */
    public void verify(String backend) {
        TechniqueExercise.of(this, TechniqueBenchmark.FORWARD, backend, false).close();
    }

    /** Sets it up. */
    Stage stage(PlanOptions options) {
        Stage stage = new Stage(spec(), options);
        try {
            setting.accept(stage);
            return stage;
        } catch (RuntimeException | Error e) {
            stage.close();
            throw e;
        }
    }
}
